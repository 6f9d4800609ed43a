import { setTimeout as sleep } from "node:timers/promises";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { canMeasureMemory, nodeMemory, processMemory } from "./memory";

const SETTLE_MS = 5_000;
const PAUSE_MS = 500;

export const idleMemory: Benchmark = {
  names: ["idle_memory_node", "idle_memory_postgres"],
  about:
    "MiB that the whole idle node holds, and its PostgreSQL, shared pages counted once; to a bare node:http server's. Linux alone tells.",
  async run(lab) {
    if (!canMeasureMemory) return { rows: [] };
    const folder = await lab.folder();
    const node = await lab.startNode(folder);
    const bare = await lab.startStatic("{}");
    await sleep(SETTLE_MS);
    const measured = await alternate("idle_memory", {
      ours: async () => {
        await sleep(PAUSE_MS);
        const { own, postgres } = await nodeMemory(node.pid, lab.config(folder).dataDir);
        return { own, postgres };
      },
      reference: async () => {
        const size = await processMemory(bare.pid);
        return { own: size, postgres: size };
      },
    });
    return {
      rows: [
        rowOf("idle_memory_node", "MiB", measured["own"]!),
        rowOf("idle_memory_postgres", "MiB", measured["postgres"]!),
      ],
    };
  },
};
