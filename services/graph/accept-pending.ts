import type { Shard } from "../../mixins/postgres";
import type { Call } from "../define-service";
import * as follows from "./follows.repository";
import * as people from "./people.repository";
import { type Graph, raiseMany } from "./under-lock";

const PAGE = 500;

/** Accepts every request to an account that is public now. Scatters: a request lies with who made it. */
export async function acceptPending(graph: Graph, call: Call, userId: number): Promise<void> {
  for (const shard of graph.sql.shards) {
    let after: number | undefined = 0;
    while (after !== undefined) {
      const requesters = await follows.requestersOn(shard, userId, after, PAGE);
      // Asked before each page: of an account that closed again meanwhile, the new requests are to be answered by its owner.
      if (requesters.length > 0 && (await isPublic(call, userId))) await acceptPage(graph, shard, userId, requesters);
      after = requesters.length === PAGE ? requesters.at(-1) : undefined;
    }
  }
}

async function isPublic(call: Call, userId: number): Promise<boolean> {
  const { users } = await call("auth.getMany", { user_ids: [userId] });
  return users[0]?.is_private === false;
}

async function acceptPage(graph: Graph, shard: Shard, userId: number, requesters: readonly number[]): Promise<void> {
  const raiseCached = await shard.transaction(async (tx) => {
    const living = await people.lockMany(tx, requesters);
    const accepted = await follows.acceptMany(tx, userId, living);
    const raised = await raiseMany(
      graph,
      tx,
      accepted.map((user_id) => ({ user_id, other_id: userId, delta: 1 })),
    );
    const edges = accepted.map((follower_id) => ({ follower_id, following_id: userId }));
    await graph.publishMany(tx, "follow.accepted", edges);
    return raised;
  });
  await raiseCached();
}
