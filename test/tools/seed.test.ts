import { loadConfig } from "../../lib/config";
import { holdDataFolder } from "../../lib/data-folder";
import { seed } from "../../tools/seed";
import { startServices } from "../../tools/start-services";
import { type FreshDatabase, freshDatabase } from "../setup/fresh-database";
import { withFolder } from "./with-folder";

/** alice knows everyone, and bob knows carol. */
const friendships = {
  people: ["alice", "bob", "carol", "dave"],
  pairs: [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 2],
  ] as [number, number][],
};
const options = { friendships, prefix: "reed", postsEach: 0 };

describe("npm run seed", () => {
  let database: FreshDatabase;
  beforeEach(async () => void (database = await freshDatabase()));
  afterEach(() => database.drop());
  beforeEach(() => void jest.spyOn(process.stdout, "write").mockReturnValue(true));
  afterEach(() => void jest.restoreAllMocks());

  const configIn = (folder: string) =>
    loadConfig(
      { DATA_DIR: folder, DATABASE_URL: database.url, BCRYPT_COST: "4", LOG_LEVEL: "error" },
      { isTool: true },
    );

  it("opens accounts that sign in with the shared password, follow each other and are counted so", async () => {
    await withFolder(async (folder) => {
      const config = configIn(folder);
      const seeded = await seed(config, options);
      expect(seeded).toMatchObject({ newFollows: 8, posts: 0 });

      const { call, homes, stop } = await startServices(config, ["auth", "graph"], { holdsFolder: true });
      try {
        const { user } = await call("auth.login", { username: "reed_alice", password: "password" });
        expect(user.id).toBe(seeded.user_ids[0]);
        const meta = { viewer: { id: user.id, role: "user" as const } };
        const counts = await Promise.all(seeded.user_ids.map((user_id) => call("graph.stats", { user_id }, { meta })));
        expect(counts.map(({ follower_count }) => follower_count)).toEqual([3, 2, 2, 1]);
        expect(counts.map(({ following_count }) => following_count)).toEqual([3, 2, 2, 1]);
        // What seeding published was delivered to everybody whom it concerns before it ended.
        expect(await Promise.all(homes.map((home) => home.outboxState()))).toMatchObject([
          { unsent: 0 },
          { unsent: 0 },
        ]);
      } finally {
        await stop();
      }
    });
  }, 60_000);

  it("adds only what is missing when it is run again, and posts with pictures when asked", async () => {
    await withFolder(async (folder) => {
      const config = configIn(folder);
      const first = await seed(config, options);
      const again = await seed(config, { ...options, postsEach: 1 });
      expect(again).toEqual({ user_ids: first.user_ids, newFollows: 0, posts: 4 });

      const everything = ["auth", "graph", "media", "posts", "newsfeed"];
      const { call, stop } = await startServices(config, everything, { holdsFolder: true });
      try {
        const feedOf = (id: number) => call("newsfeed.read", {}, { meta: { viewer: { id, role: "user" } } });
        const feeds = await Promise.all(first.user_ids.map(feedOf));
        const authors = feeds.map(({ items }) => items.map(({ author }) => author.username).sort());
        expect(authors).toEqual([
          ["reed_bob", "reed_carol", "reed_dave"],
          ["reed_alice", "reed_carol"],
          ["reed_alice", "reed_bob"],
          ["reed_alice"],
        ]);
      } finally {
        await stop();
      }
    });
  }, 60_000);

  it("is refused while another process holds the folder", async () => {
    await withFolder(async (folder) => {
      const held = await holdDataFolder(folder);
      await expect(seed(configIn(folder), options)).rejects.toThrow(/is in use by process/);
      await held.release();
    });
  });
});
