import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type Service } from "moleculer";
import { loadConfig } from "../../lib/config";
import type { Channels } from "../../mixins/channels";
import type { Database } from "../../mixins/postgres";
import { attachContracts } from "../../mixins/channels/contracts-of";
import { brokerOptions } from "../../node/broker-options";
import { authContract } from "../../services/auth/auth.contract";
import authService from "../../services/auth/auth.service";
import type { ActionName, ParamsOf, ResultOf } from "../../services/contracts";
import { graphContract } from "../../services/graph/graph.contract";
import graphService from "../../services/graph/graph.service";
import { freshDatabase, type FreshDatabase } from "../setup/fresh-database";

/** Several databases as shards of one: whatever is sent to the wrong one is refused by the tables' checks, or finds nothing. */
describe("the graph on three shards", () => {
  let shards: FreshDatabase[];
  let dataDir: string;
  let broker: ServiceBroker;
  let sql: Database;
  let ids: number[];

  const as = <N extends ActionName>(id: number, name: N, params: ParamsOf<N>): Promise<ResultOf<N>> =>
    broker.call(name, params as never, { meta: { viewer: { id, role: "user" } } }) as never;

  async function settled(): Promise<void> {
    const homes = broker.services.filter((service) => "drainOutbox" in service) as unknown as Channels[];
    for (let unsent = 1; unsent > 0;) {
      for (const home of homes) await home.drainOutbox();
      unsent = 0;
      for (const home of homes) unsent += (await home.outboxState()).unsent;
    }
  }

  beforeAll(async () => {
    shards = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase()]);
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-shards-"));
    const config = {
      ...loadConfig({ DATA_DIR: dataDir, BCRYPT_COST: "4", LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "fatal" }),
      databaseShards: shards.map(({ url }) => url),
    };
    broker = new ServiceBroker(brokerOptions(config));
    attachContracts(broker, [graphContract, authContract]);
    broker.createService(authService);
    const graph: Service & { sql?: Database } = broker.createService(graphService);
    await broker.start();
    sql = graph.sql!;
    const users = Array.from({ length: 40 }, (_, i) => ({
      username: `person_${i}`,
      email: `person_${i}@example.com`,
      display_name: "",
    }));
    ids = (await as(1, "auth.seed", { users, password_hash: "no password at all" })).user_ids;
  }, 60_000);

  afterAll(async () => {
    await broker.stop();
    await Promise.all(shards.map((shard) => shard.drop()));
    await rm(dataDir, { recursive: true, force: true });
  });

  it("merges followers of all shards, by key and newest first, and counts them", async () => {
    const [star, ...fans] = ids as [number, ...number[]];
    expect(new Set(fans.map((id) => sql.at(id).index)).size).toBe(3);
    for (const id of fans.slice(0, 20)) await as(id, "graph.follow", { user_id: star });
    const edges = fans.slice(20).map((id) => ({ follower_id: id, following_id: star }));
    expect(await as(star, "graph.followMany", { edges })).toEqual({ new_count: 19 });
    await settled();

    expect(await as(star, "graph.followerCount", { user_id: star })).toEqual({ follower_count: 39 });
    const keys: number[] = [];
    for (let has_more = true; has_more;) {
      const page = await as(star, "graph.followerIds", { user_id: star, after: keys.at(-1) ?? 0, limit: 7 });
      keys.push(...page.user_ids);
      ({ has_more } = page);
    }
    expect(keys).toEqual([...fans].sort((a, b) => a - b));

    const newest: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const params = { user_id: star, limit: 6, ...(cursor ? { cursor } : {}) };
      const page: ResultOf<"graph.listFollowers"> = await as(star, "graph.listFollowers", params);
      newest.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(new Set(newest).size).toBe(39);
    expect(newest.slice(19)).toEqual(fans.slice(0, 20).reverse());
  });

  it("suggests, blocks and deletes across them", async () => {
    const [star, alice, bob, carol] = ids as [number, number, number, number];
    await as(star, "graph.follow", { user_id: bob });
    await as(star, "graph.follow", { user_id: carol });
    await as(ids[9]!, "graph.follow", { user_id: carol });
    await as(alice, "graph.follow", { user_id: ids[9]! });
    const { items } = await as(alice, "graph.suggestions", {});
    expect(items.map(({ user, mutual_count }) => [user.id, mutual_count])).toEqual([
      [carol, 2],
      [bob, 1],
    ]);

    await as(star, "graph.block", { user_id: alice });
    expect((await as(alice, "graph.feedSources", { user_id: alice })).user_ids).toEqual([ids[9]]);
    await as(carol, "graph.mute", { user_id: star });
    await as(star, "auth.deleteAccount", {});
    await settled();
    for (const { follower_count, following_count } of await Promise.all(
      ids.slice(1).map((user_id) => as(user_id, "graph.stats", { user_id })),
    ))
      expect(follower_count + following_count).toBeLessThan(3);
    const left = await Promise.all(
      sql.shards.map((shard) =>
        shard.query(
          `select 1 from follows where $1 in (follower_id, following_id)
           union all select 1 from blocks where $1 in (owner_id, other_id)
           union all select 1 from mutes where $1 in (user_id, muted_id)`,
          [star],
        ),
      ),
    );
    expect(left.flatMap(({ rows }) => rows)).toEqual([]);
  });
});
