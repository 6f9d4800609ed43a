import { setTimeout as sleep } from "node:timers/promises";
import type { RedisLink } from "../../../mixins/redis/redis-link";
import { RedisTimelines } from "../../../mixins/redis/redis-timelines";
import { byNewest, TIMELINE_LEAST, type TimelineEntry } from "../../../mixins/redis/timelines";
import { newId, newUserId } from "../../../lib/ids";
import { seededRandom } from "../../setup/seeded-random";
import { describeOn, serverUrl } from "../../setup/servers";
import { openLink } from "./own-redis";

const SEED = 20_261_124;
const VIEWERS = 4;
const OPERATIONS = 600;
/** So few that many posts are of one millisecond. */
const TIMES = 300;

for (const [name, url] of [
  ["one server", "REDIS_URL"],
  ["a Cluster", "REDIS_CLUSTER_URL"],
] as const) {
  describeOn([url], `timelines on ${name}, between two nodes`, () => {
    const links: RedisLink[] = [];
    beforeAll(async () => {
      links.push(await openLink(serverUrl(url), "races"), await openLink(serverUrl(url), "races"));
    });
    afterAll(() => links.forEach((link) => link.close()));

    it("lack nothing that is stored, whatever is written beside one build or two", async () => {
      const random = seededRandom(SEED);
      const pause = () => sleep(Math.floor(random() * 4));
      const nodes = links.map((link) => new RedisTimelines(link, { ttlSeconds: 300 }));
      const anyNode = () => nodes[Math.floor(random() * nodes.length)]!;
      const viewers = Array.from({ length: VIEWERS }, newUserId);
      /** What PostgreSQL would hold: a row is there before the timelines are told. */
      const stored: TimelineEntry[] = [];
      const newest = () => [...stored].sort(byNewest);

      const fanOut = async () => {
        const created_at_ms = 1_000_000 + Math.floor(random() * TIMES);
        const entry = { post_id: newId(), user_id: newUserId(), created_at_ms };
        stored.push(entry);
        await pause();
        await anyNode().add(viewers, entry);
        // At least once is how events come.
        if (random() < 0.1) await anyNode().add(viewers, entry);
      };
      const build = async (viewerId: number) => {
        const node = anyNode();
        const token = await node.beginBuild(viewerId);
        await pause();
        const rows = newest();
        const floor_ms = rows[TIMELINE_LEAST]?.created_at_ms ?? null;
        await pause();
        const entries = rows.slice(0, TIMELINE_LEAST);
        return node.finishBuild(viewerId, token, { entries, floor_ms, following_version: 1 });
      };
      const expectExact = async (viewerId: number) => {
        const page = await anyNode().page(viewerId, undefined, 200);
        if (page === undefined) return false;
        const { floor_ms, entries } = page;
        const due = newest().filter(({ created_at_ms }) => floor_ms === null || created_at_ms > floor_ms);
        expect(entries).toEqual(due);
        return true;
      };

      let exact = 0;
      for (let done = 0; done < OPERATIONS; done += 12) {
        const some = Array.from({ length: 12 }, () => {
          const viewerId = viewers[Math.floor(random() * VIEWERS)]!;
          const chance = random();
          if (chance < 0.7) return fanOut();
          return chance < 0.95 ? build(viewerId) : anyNode().invalidate([viewerId]);
        });
        await Promise.all(some);
        for (const viewerId of viewers) if (await expectExact(viewerId)) exact += 1;
      }
      expect(stored.length).toBeGreaterThan(300);
      expect(exact).toBeGreaterThan(OPERATIONS / 12);
    });

    it("stay in Redis' compact form, with the longest ids and after any number of posts", async () => {
      const [link] = links as [RedisLink];
      const timelines = new RedisTimelines(link, { ttlSeconds: 300 });
      const viewerId = 2 ** 52 - 1;
      const token = await timelines.beginBuild(viewerId);
      for (let ms = 1; ms <= 300; ms += 1)
        await timelines.add([viewerId], {
          post_id: newId(),
          user_id: 2 ** 52 - ms,
          created_at_ms: 1_800_000_000_000 + ms,
        });
      const following_version = Number.MAX_SAFE_INTEGER;
      await timelines.finishBuild(viewerId, token, { entries: [], floor_ms: 1_700_000_000_000, following_version });
      const { entries } = (await timelines.page(viewerId, undefined, 200))!;
      expect(entries.length).toBeGreaterThan(90);
      expect(entries.at(-1)!.user_id).toBeGreaterThan(2 ** 51);
      const encoding = await link.tell((client) => client.object("ENCODING", link.key(`feed:${viewerId}`)));
      expect(encoding).toBe("listpack");
    });

    it("are all told of a post, however many there are and wherever they lie", async () => {
      const timelines = new RedisTimelines(links[0]!, { ttlSeconds: 300 });
      const viewers = Array.from({ length: 2_500 }, newUserId);
      const some = viewers.filter((_, i) => i % 100 === 0);
      for (const viewerId of some) {
        const token = await timelines.beginBuild(viewerId);
        await timelines.finishBuild(viewerId, token, { entries: [], floor_ms: null, following_version: 1 });
      }
      const entry = { post_id: newId(), user_id: 7, created_at_ms: 5 };
      await timelines.add(viewers, entry);
      for (const viewerId of some) expect((await timelines.page(viewerId, undefined, 5))?.entries).toEqual([entry]);
      expect(await timelines.page(viewers[1]!, undefined, 5)).toBeUndefined();
    });
  });
}
