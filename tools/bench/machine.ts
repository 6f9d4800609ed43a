import { arch, cpus, platform, totalmem } from "node:os";

/** What the figures of a run depend on. */
export function machine(): string {
  const cores = cpus();
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  const model = cores[0]?.model.trim() ?? "unknown processor";
  return `${cores.length} × ${model}, ${gibibytes} GiB, ${platform()} ${arch()}, Node ${process.version}`;
}
