import { newId } from "../../lib/ids";
import type { Channels } from "../../mixins/channels";
import type { DocumentStore } from "../../mixins/documents";
import type { FeedCaches } from "../../mixins/redis";
import type { Database } from "../../mixins/postgres";
import type { ResultOf } from "../../services/contracts";
import type { PostDocument } from "../../services/posts/collections";
import type { Post } from "../../services/posts/posts.contract";
import { uploadImage } from "../setup/upload-image";
import { type App, type AppOptions, type Person, useApp } from "../setup/use-app";
import { feedOracle } from "./feed-oracle";

type FeedService = FeedCaches & { sql: Database; sweep(): Promise<boolean> };

export interface FeedsApp extends App {
  /** As posts.create stores and publishes it, but without pictures, whose making would cost most of a test's time. */
  post(author: Person): Promise<Post>;
  /** By the front door, with a picture. */
  postPicture(author: Person): Promise<Post>;
  /** One after the other, oldest first. */
  posts(author: Person, howMany: number): Promise<Post[]>;
  follow(follower: Person, ...followed: Person[]): Promise<void>;
  /** The whole feed, walked by cursor. */
  walk(viewer: Person, limit?: number): Promise<string[]>;
  page(viewer: Person, limit?: number, cursor?: string | null): Promise<ResultOf<"newsfeed.read">>;
  /** What the feed ought to be, computed from the stores of graph and posts. */
  oracle(viewer: Person): Promise<string[]>;
  /** The feed is what it ought to be. */
  expectExact(...viewers: Person[]): Promise<void>;
  feedRows(viewer: Person): Promise<string[]>;
  feeds(): FeedService;
}

/** The newsfeed with all that it asks; `services` where some of them stand on several nodes. */
export function useFeeds(
  options: AppOptions = {},
  services = ["auth", "graph", "media", "posts", "newsfeed"],
): FeedsApp {
  const app = useApp(services, options);
  const feeds = () => app.service<FeedService>("newsfeed");
  const more = {
    async post(author: Person) {
      const { documents, publish } = app.service<{ documents: DocumentStore; publish: Channels["publish"] }>("posts");
      const now = new Date();
      const post: PostDocument = {
        ...{ _id: newId(), user_id: author.id, caption: "", media_ids: [], location: "", hashtags: [], mentions: [] },
        ...{ like_count: 0, comment_count: 0, view_count: 0, is_comments_disabled: false, is_hidden: false },
        ...{ created_at: now, updated_at: now, seq: 1 },
      };
      await documents.transaction(async (tx) => {
        await tx.insert("posts", post);
        const data = { post_id: post._id, user_id: author.id, created_at: now.toISOString(), media_ids: [] };
        await publish(tx, "post.created", data, { seq: 1 });
      });
      return app.as(author).call("posts.get", { post_id: post._id });
    },
    async postPicture(author: Person) {
      const { id } = await uploadImage(app, author, { isAwaited: false });
      return app.as(author).call("posts.create", { media_ids: [id] });
    },
    async posts(author: Person, howMany: number) {
      const made: Post[] = [];
      for (let i = 0; i < howMany; i += 1) made.push(await more.post(author));
      return made;
    },
    async follow(follower: Person, ...followed: Person[]) {
      for (const { id } of followed) await app.as(follower).call("graph.follow", { user_id: id });
    },
    async page(viewer: Person, limit = 20, cursor: string | null = null) {
      if (cursor !== null) return app.as(viewer).call("newsfeed.read", { limit, cursor });
      const bytes = await app.as(viewer).call("newsfeed.readNewest", { limit });
      return JSON.parse(bytes.toString()) as ResultOf<"newsfeed.read">;
    },
    async walk(viewer: Person, limit = 100) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: ResultOf<"newsfeed.read"> = await more.page(viewer, limit, cursor);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.next_cursor;
      } while (cursor !== null);
      return seen;
    },
    oracle: (viewer: Person) => feedOracle(app, viewer.id),
    async expectExact(...viewers: Person[]) {
      await app.settled();
      for (const viewer of viewers) {
        const [shown, expected] = [await more.walk(viewer, 7), await more.oracle(viewer)];
        // Both ways, though the plain one may not know yet that it is at the end.
        const plain = await app.as(viewer).call("newsfeed.read", { limit: 7 });
        expect((await more.page(viewer, 7)).items).toEqual(plain.items);
        expect({ viewer: viewer.username, feed: shown }).toEqual({ viewer: viewer.username, feed: expected });
      }
    },
    async feedRows({ id }: Person) {
      const { rows } = await feeds()
        .sql.at(id)
        .query<{ post_id: string }>(
          "select post_id from feed_items where user_id = $1 order by post_created_at desc, post_id desc",
          [id],
        );
      return rows.map(({ post_id }) => post_id);
    },
    feeds,
  };
  return Object.assign(app, more);
}
