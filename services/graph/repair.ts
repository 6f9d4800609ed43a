import type { Call } from "../define-service";
import { acceptPending } from "./accept-pending";
import { deleteAccount } from "./delete-account";
import * as repairs from "./repairs.repository";
import type { Graph } from "./under-lock";

/** Longer than any request runs: what raced with the first run has been stored by then. */
const DELAY_MS = 60_000;
const PAGE = 100;

/** Does the work of an event, and plans it once more for a follow that raced with it. */
export async function doTwice(graph: Graph, call: Call, userId: number, kind: repairs.RepairKind): Promise<void> {
  await repairs.plan(graph.sql, userId, kind, new Date(Date.now() + DELAY_MS));
  await work(graph, call, userId, kind);
}

/** Does all that is due by `now`. One node at a time a shard; others pass by. */
export async function repairDue(graph: Graph, call: Call, now: Date): Promise<void> {
  // Scatters: what is due may lie anywhere.
  for (const shard of graph.sql.shards) {
    await shard.withLock("graph repairs", async (sql) => {
      for (let due = await repairs.due(sql, now, PAGE); due.length > 0; due = await repairs.due(sql, now, PAGE)) {
        for (const repair of due) {
          await work(graph, call, repair.user_id, repair.kind);
          await repairs.finish(shard, repair);
        }
      }
    });
  }
}

async function work(graph: Graph, call: Call, userId: number, kind: repairs.RepairKind): Promise<void> {
  if (kind === "opened") await acceptPending(graph, call, userId);
  else await deleteAccount(graph, userId);
}
