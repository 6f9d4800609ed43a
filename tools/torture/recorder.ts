import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import type { Args, Deed } from "./deeds";
import { type Episode, type History, historyOf, type Line } from "./history";

export type Counts = Record<"ok" | "refused" | "unknown", number>;

/** Writes down what is asked and answered as it happens, by one clock. */
export class Recorder {
  readonly counts: Counts = { ok: 0, refused: 0, unknown: 0 };
  private readonly lines: Line[] = [];
  private readonly began = performance.now();
  private readonly file: WriteStream;
  private operations = 0;

  constructor(readonly path: string) {
    this.file = createWriteStream(path);
  }

  /** ms since the run began. */
  now(): number {
    return Math.round((performance.now() - this.began) * 1000) / 1000;
  }

  invoke<D extends Deed>(actor: number, deed: D, args: Args<D>): number {
    const op = (this.operations += 1);
    this.write({ at_ms: this.now(), type: "invoke", op, actor, deed, args });
    return op;
  }

  ok(op: number, status: number, result: unknown): void {
    this.counts.ok += 1;
    this.write({ at_ms: this.now(), type: "ok", op, status, result });
  }

  end(op: number, type: "refused" | "unknown", status: number): void {
    this.counts[type] += 1;
    this.write({ at_ms: this.now(), type, op, status });
  }

  episode(episode: Episode): void {
    this.write({ at_ms: this.now(), type: "episode", ...episode });
  }

  history(): History {
    return historyOf(this.lines);
  }

  async close(): Promise<void> {
    this.file.end();
    await once(this.file, "close");
  }

  private write(line: Line): void {
    this.lines.push(line);
    this.file.write(`${JSON.stringify(line)}\n`);
  }
}
