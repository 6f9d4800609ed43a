import { setTimeout as sleep } from "node:timers/promises";
import type { MongoStore } from "../../../mixins/documents/mongo-store";
import type { PostsStore } from "../../../services/posts/posts-store";
import { sweep } from "../../../services/posts/sweep";
import type { TouchingStore } from "../../../services/posts/touching-store";
import { usePosts } from "../../posts/use-posts";
import { describeOn } from "../../setup/servers";
import { stagesOf, watchQueries } from "./explain";
import { freshMongo } from "./fresh-mongo";

const HOURS_MS = 3_600_000;

describeOn(["MONGODB_URL", "DATABASE_URL"], "every list of posts on MongoDB", () => {
  const mongo = freshMongo();
  const app = usePosts({ env: { MONGODB_URL: mongo.url } });
  /** What everybody asks in the end, the relay too. */
  const mongoStore = (): MongoStore => (app.documents() as TouchingStore).inner as MongoStore;
  afterAll(() => mongo.drop());

  it("is answered by an index, in the order in which that has it", async () => {
    const store = mongoStore();
    const shapes = watchQueries(store);
    await useEverything();
    // What the relay asks while some group fails.
    await sleep(100);

    const plans = await Promise.all(
      [...shapes].map(async ([shape, asked]) => [shape, await stagesOf(store, asked)] as const),
    );
    const unserved = plans.filter(([, stages]) => stages.includes("COLLSCAN") || stages.includes("SORT"));
    expect(unserved).toEqual([]);
    for (const [, stages] of plans)
      expect(stages).toEqual(expect.arrayContaining([expect.stringMatching(/IXSCAN|IDHACK|COUNT_SCAN|EXPRESS/)]));
    const collections = new Set([...shapes.values()].map(({ collection }) => collection));
    expect([...collections].sort()).toEqual([
      ...["comment_likes", "comments", "dead_letters", "deletions", "idempotency"],
      ...["likes", "outbox", "posts", "saves", "views"],
    ]);
    expect(shapes.size).toBeGreaterThanOrEqual(30);
  });

  it("would be found out where it was not", async () => {
    const store = mongoStore();
    const find = { query: { caption: "x" }, sort: ["-created_at"] };
    const stages = await stagesOf(store, { collection: "posts", kind: "find", find });
    expect(stages).toEqual(expect.arrayContaining(["SORT", "COLLSCAN"]));
    const counted = await stagesOf(store, { collection: "posts", kind: "count", find: { query: { caption: "x" } } });
    expect(counted).toContain("COLLSCAN");
  });

  /** Each list from its beginning and further on, what is removed in batches, the sweepers, and the outbox. */
  async function useEverything(): Promise<void> {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const posts = [];
    for (let i = 0; i < 3; i += 1)
      posts.push(await app.post(alice, { caption: `#sea ${i}`, idempotency_key: `key-${i}` }));
    const post = posts[0]!;
    const post_id = post.id;
    const first = await app.comment(bob, post);
    for (let i = 0; i < 2; i += 1) await app.comment(carol, post);
    for (let i = 0; i < 2; i += 1) await app.comment(alice, post, { parent_id: first.id });
    for (const person of [alice, bob, carol]) {
      await app.as(person).call("posts.likeComment", { comment_id: first.id });
      for (const { id } of posts) {
        await app.as(person).call("posts.like", { post_id: id });
        await app.as(person).call("posts.save", { post_id: id });
        await app.as(person).call("posts.view", { post_id: id });
      }
    }
    await inPages((page) => app.as(bob).call("posts.listByUser", { user_id: alice.id, ...page }));
    await inPages((page) => app.as(alice).call("posts.listByUser", { user_id: alice.id, ...page }));
    await inPages((page) => app.as(bob).call("posts.listByHashtag", { hashtag: "sea", ...page }));
    await inPages((page) => app.as(bob).call("posts.listSaved", page));
    await inPages((page) => app.as(bob).call("posts.listLikes", { post_id, ...page }));
    await inPages((page) => app.as(bob).call("posts.listComments", { post_id, ...page }));
    await inPages((page) => app.as(bob).call("posts.listComments", { post_id, parent_id: first.id, ...page }));
    const user_ids = [alice.id, bob.id];
    const { posts: newest } = await app.call("posts.newestByAuthors", { user_ids, limit: 1 });
    const { post_id: last, created_at } = newest[0]!;
    await app.call("posts.newestByAuthors", { user_ids, limit: 1, before: { post_id: last, created_at } });

    await app.as(bob).call("posts.deleteComment", { post_id, comment_id: first.id });
    await app.as(alice).call("posts.delete", { post_id });
    await app.as(carol).call("auth.deleteAccount", {});
    await app.settled();
    await sweep(app.service<PostsStore>("posts"), Date.now() + 25 * HOURS_MS);
    await app.service<{ deadLetters(filter: object): Promise<unknown> }>("posts").deadLetters({ limit: 10 });
  }

  async function inPages(
    list: (page: { limit: number; cursor?: string }) => Promise<{ next_cursor: string | null }>,
  ): Promise<void> {
    const { next_cursor } = await list({ limit: 1 });
    if (next_cursor !== null) await list({ limit: 1, cursor: next_cursor });
  }
});
