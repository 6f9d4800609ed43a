import { type Person, useApp } from "../setup/use-app";
import { countersAndEdges, halvesOfBlocks, rowsOf } from "./edges";

const app = useApp(["auth", "graph"]);

/** A small generator, so that a storm that failed can be repeated by its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const between = [
  "graph.follow",
  "graph.follow",
  "graph.follow",
  "graph.unfollow",
  "graph.removeFollower",
  "graph.acceptRequest",
  "graph.rejectRequest",
  "graph.block",
  "graph.unblock",
  "graph.mute",
  "graph.unmute",
] as const;
const expected = ["USER_NOT_FOUND", "REQUEST_NOT_FOUND"];

async function act(people: Person[], random: (below: number) => number): Promise<void> {
  const one = people[random(people.length)]!;
  const other = people[random(people.length)]!;
  if (one === other) return;
  const roll = random(200);
  const as = app.as(one);
  if (roll === 0) await as.call("auth.deleteAccount", {});
  else if (roll < 20) await as.call("auth.updateProfile", { is_private: random(2) === 0 });
  else await as.call(between[random(between.length)]!, { user_id: other.id });
}

const ignoreExpected = (error: unknown): void => {
  if (!expected.includes((error as { type: string }).type)) throw error;
};

describe("the graph after a storm of everything at once", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  let people: Person[];
  let living: Set<number>;

  beforeAll(async () => {
    const random = randomFrom(seed);
    people = await Promise.all(
      Array.from({ length: 16 }, (_, i) => app.user("storm", i % 3 === 0 ? { is_private: true } : {})),
    );
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let n = 0; n < 12; n += 1) await act(people, random).catch(ignoreExpected);
      }),
    );
    await app.settled();
    const graph = app.service<{ sweep(now: Date): Promise<void> }>("graph");
    await graph.sweep(new Date(Date.now() + 61_000));
    await app.settled();
    const { users } = await app.call("auth.getMany", { user_ids: people.map(({ id }) => id) });
    living = new Set(users.map(({ id }) => id));
  }, 60_000);

  it(`has counters equal to its edges (seed ${seed})`, async () => {
    const { stored, computed } = await countersAndEdges(app);
    expect(computed.length).toBeGreaterThan(3);
    expect(stored).toEqual(computed);
  });

  it("has nothing left of the deleted", async () => {
    const named = await rowsOf<{ id: number }>(
      app,
      `select follower_id as id from follows union select following_id from follows
       union select owner_id from blocks union select other_id from blocks
       union select user_id from mutes union select muted_id from mutes`,
    );
    expect(named.map(({ id }) => id).filter((id) => !living.has(id))).toEqual([]);
  });

  it("has both halves of every block, and no edge beside one", async () => {
    const { blocking, blockedBy } = await halvesOfBlocks(app);
    expect(blockedBy).toEqual(blocking);
    const edges = "select from follows f join blocks b on b.owner_id = f.follower_id and b.other_id = f.following_id";
    expect(await rowsOf(app, edges)).toEqual([]);
  });

  it("has no request to a public account", async () => {
    const asked = await rowsOf<{ id: number }>(app, "select following_id as id from follows where status = 'pending'");
    const { users } = await app.call("auth.getMany", { user_ids: [...new Set(asked.map(({ id }) => id))] });
    expect(users.filter(({ is_private }) => !is_private)).toEqual([]);
  });

  it("answers visible and feedSources as the rows say, through the cache too", async () => {
    const edges = await rowsOf<{ a: number; b: number }>(
      app,
      "select follower_id as a, following_id as b from follows where status = 'accepted'",
    );
    const blocks = await rowsOf<{ a: number; b: number }>(app, "select owner_id as a, other_id as b from blocks");
    const mutes = await rowsOf<{ a: number; b: number }>(app, "select user_id as a, muted_id as b from mutes");
    const has = (pairs: { a: number; b: number }[], a: number, b: number) => pairs.some((p) => p.a === a && p.b === b);
    const ids = people.map(({ id }) => id);
    const { users: profiles } = await app.call("auth.getMany", { user_ids: ids });
    const closed = new Set(profiles.filter(({ is_private }) => is_private).map(({ id }) => id));
    for (const viewer of people.filter(({ id }) => living.has(id))) {
      const { users } = await app.as(viewer).call("graph.visible", { user_ids: ids });
      const visibility = users.map((user) => user.visibility);
      expect(visibility).toEqual(
        ids.map((id) => {
          if (!living.has(id) || has(blocks, viewer.id, id)) return "none";
          return closed.has(id) && id !== viewer.id && !has(edges, viewer.id, id) ? "private" : "full";
        }),
      );
      const { user_ids } = await app.call("graph.feedSources", { user_id: viewer.id });
      const sources = edges.filter(({ a, b }) => a === viewer.id && !has(mutes, a, b)).map(({ b }) => b);
      expect(new Set(user_ids)).toEqual(new Set(sources));
    }
  });
});
