import type { ServiceBroker } from "moleculer";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../../lib/project-root";
import { until, useNats } from "./use-nats";

/** Far above what a call takes, and short enough to wait for. */
const TIMEOUT_MS = 2_000;
const CALLS = 150;
const EVERY_MS = 20;

interface Load {
  failed: { read: number; write: number };
  answeredBy: Map<string, number>;
  /** Writes that were not answered when the load was half over, or were begun before the process had ended. */
  writesUnderWay: number;
}

describe("one of two nodes, in a process of its own, under 50 calls a second", () => {
  const nats = useNats();
  const workers: ChildProcess[] = [];
  let caller: ServiceBroker;

  async function startWorker(nodeID: string): Promise<ChildProcess> {
    const worker = spawn(process.execPath, ["--import", "tsx", join(__dirname, "worker.ts"), nodeID], {
      cwd: projectRoot,
      env: { PATH: process.env["PATH"], ...nats.env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    workers.push(worker);
    await once(worker.stdout, "data");
    return worker;
  }

  beforeEach(async () => {
    caller = await nats.node("caller");
    await Promise.all([startWorker("one"), startWorker("two")]);
    await until(() => (caller.registry.getActionEndpoints("work.read")?.count() ?? 0) === 2);
  });
  afterEach(async () => {
    const alive = workers.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(alive.map((worker) => (worker.kill("SIGKILL"), once(worker, "exit"))));
  });

  async function loadAndMeanwhile(worker: ChildProcess, signal: NodeJS.Signals): Promise<Load> {
    const load: Load = { failed: { read: 0, write: 0 }, answeredBy: new Map(), writesUnderWay: 0 };
    let writes = 0;
    let isDying = false;
    worker.once("exit", () => (isDying = false));
    const calls: Promise<void>[] = [];
    for (let i = 0; i < CALLS; i += 1) {
      const kind = i % 2 === 0 ? "read" : "write";
      if (kind === "write") writes += 1;
      if (kind === "write" && isDying) load.writesUnderWay += 1;
      const call = caller.call<string, object>(`work.${kind}`, {}, { timeout: TIMEOUT_MS });
      const counted = call.then(
        (by) => void load.answeredBy.set(by, (load.answeredBy.get(by) ?? 0) + 1),
        () => void (load.failed[kind] += 1),
      );
      calls.push(counted.finally(() => (writes -= kind === "write" ? 1 : 0)));
      if (i === CALLS / 2) {
        load.writesUnderWay = writes;
        isDying = worker.kill(signal);
      }
      await sleep(EVERY_MS);
    }
    await Promise.all(calls);
    return load;
  }

  it("is killed: writes under way may fail, reads are tried again", async () => {
    const { failed, answeredBy, writesUnderWay } = await loadAndMeanwhile(workers[0]!, "SIGKILL");
    expect(failed.read).toBe(0);
    // What was sent while NATS noticed that the connection is closed is under way as well.
    expect(failed.write).toBeLessThanOrEqual(writesUnderWay + 1);
    expect(answeredBy.get("two")).toBeGreaterThan(CALLS / 2);
    expect(answeredBy.get("one")).toBeGreaterThan(10);
  });

  it("is stopped by SIGTERM: no call is lost", async () => {
    const stopping = workers[0]!;
    const ended = once(stopping, "exit") as Promise<[number | null]>;
    const { failed, answeredBy } = await loadAndMeanwhile(stopping, "SIGTERM");
    expect(failed).toEqual({ read: 0, write: 0 });
    expect(answeredBy.get("two")).toBeGreaterThan(CALLS / 2);
    expect(await ended).toEqual([0, null]);
  });
});
