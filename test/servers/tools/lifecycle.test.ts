import { Redis } from "ioredis";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../lib/project-root";
import { runningProcess } from "../../../lib/running-process";
import { endServer, type RunningServer, startServer } from "../../../tools/servers/start-server";
import { describeOn } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";

describeOn(["REDIS_URL", "REDIS_CLUSTER_URL"], "startServer", () => {
  let folder: string;
  const started: RunningServer[] = [];
  const others: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tempRoot(), "emulsion-lifecycle-"));
  });

  afterEach(async () => {
    for (const server of started.splice(0)) await server.stop();
    await endServer(folder);
    for (const child of others.splice(0)) child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts a Redis on the folder from another process, which dies by SIGKILL as soon as it is up. Answers its pid. */
  async function startAndDie(outlivesUs: boolean): Promise<number> {
    const script = `
      const { startServer } = require("./tools/servers/start-server.ts");
      startServer("redis", { folder: ${JSON.stringify(folder)}, outlivesUs: ${outlivesUs} }).then(({ pids }) => {
        process.stdout.write(String(pids[0]), () => process.kill(process.pid, "SIGKILL"));
      });`;
    const child = spawn(process.execPath, ["--import", "tsx", "--eval", script], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "inherit"],
    });
    others.push(child);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const [, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    expect(signal).toBe("SIGKILL");
    return Number(said);
  }

  it("first ends what a run that died left on its folder", async () => {
    const left = await startAndDie(true);
    await expect(runningProcess(left)).resolves.toMatchObject({ pid: left });

    const server = await startServer("redis", { folder });
    started.push(server);

    await expect(runningProcess(left)).resolves.toBeUndefined();
    expect(server.pids).toHaveLength(1);
    expect(server.pids).not.toContain(left);
  });

  it("leaves a process alone that has the pid of one that we started", async () => {
    const unrelated = spawn("sleep", ["60"], { stdio: "ignore" });
    others.push(unrelated);
    const noted = { pid: unrelated.pid!, started_at: "another boot/1", stop_signal: "SIGKILL" };
    started.push(await startServer("redis", { folder }));
    await started.pop()!.stop();
    await mkdir(join(folder, "node-0"), { recursive: true });
    await writeFile(join(folder, "node-0", "process.json"), JSON.stringify(noted));

    await expect(endServer(folder)).resolves.toBe(false);
    started.push(await startServer("redis", { folder }));

    expect(unrelated.exitCode).toBeNull();
    expect(unrelated.signalCode).toBeNull();
    await expect(runningProcess(unrelated.pid!)).resolves.toMatchObject({ command: "sleep" });
  });

  it("is ended when the process that asked for it is killed", async () => {
    const pid = await startAndDie(false);
    for (const deadline = Date.now() + 10_000; Date.now() < deadline && (await runningProcess(pid)); await sleep(50));
    await expect(runningProcess(pid)).resolves.toBeUndefined();
  });

  it("kills and restarts one node of a cluster, whose others go on", async () => {
    const server = await startServer("redis-cluster", { folder });
    started.push(server);
    const before = server.pids;
    expect(before).toHaveLength(3);
    await server.kill(1);
    expect(server.pids).toEqual([before[0], before[2]]);

    await server.restart(1);

    const after = server.pids;
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(after[1]).not.toBe(before[1]);
    const client = new Redis(server.env["REDIS_URL"]!.split(",")[1]!);
    await expect(client.cluster("INFO")).resolves.toContain("cluster_state:ok");
    client.disconnect();
  });

  it("tells what it wrote when it ends instead of starting", async () => {
    await expect(startServer("redis", { folder, extra: ["--no-such-setting", "1"] })).rejects.toThrow(
      /ended \(1\).*no-such-setting/s,
    );
  });

  it("refuses the folder of another server", async () => {
    started.push(await startServer("redis", { folder }));
    await expect(startServer("nats", { folder })).rejects.toThrow("belongs to redis, not to nats");
    await expect(runningProcess(started[0]!.pids[0]!)).resolves.toBeDefined();
  });
});
