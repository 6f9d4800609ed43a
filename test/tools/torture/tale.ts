import { check } from "../../../tools/torture/check";
import type { Args, Deed, Result, SeenPost } from "../../../tools/torture/deeds";
import type { Episode, History, Operation } from "../../../tools/torture/history";
import type { State, Stores } from "../../../tools/torture/state";

export const [alice, bob, carol] = [1, 2, 3] as const;

/** A history written by hand: each operation takes the ten ms after those before it, unless told otherwise. */
export class Tale {
  readonly operations: Operation[] = [];
  readonly episodes: Episode[] = [];
  private atMs = 0;

  ok<D extends Deed>(actor: number, deed: D, args: Args<D>, result: Result<D>, span?: [number, number]): this {
    return this.add(actor, deed, args, { outcome: "ok", status: 200, result }, span);
  }

  refused<D extends Deed>(actor: number, deed: D, args: Args<D>): this {
    return this.add(actor, deed, args, { outcome: "refused", status: 404 });
  }

  /** Without an answer. */
  unknown<D extends Deed>(actor: number, deed: D, args: Args<D>): this {
    return this.add(actor, deed, args, { outcome: "unknown", status: 0, completed_ms: Infinity });
  }

  follow(actor: number, user_id: number, on = true): this {
    return this.ok(actor, "follow", { user_id, on }, { status: on ? "accepted" : "none" });
  }

  post(actor: number, post_id: string): this {
    return this.ok(actor, "post", { key: post_id, media_id: "m" }, { post_id });
  }

  /** A whole walk of one page. */
  feed(viewer: number, posts: SeenPost[], walk = this.operations.length, page = 0, cursor: string | null = null): this {
    return this.ok(viewer, "feed", { walk, page }, { posts, cursor });
  }

  wait(ms: number): this {
    this.atMs += ms;
    return this;
  }

  history(): History {
    return { operations: this.operations, episodes: this.episodes };
  }

  /** Which promises were broken, and how. */
  broken(state?: State): string[] {
    return check(this.history(), state).map(({ promise, what }) => `${promise}: ${what}`);
  }

  private add(actor: number, deed: Deed, args: object, ended: object, span?: [number, number]): this {
    const [invoked_ms, completed_ms] = span ?? [(this.atMs += 5), (this.atMs += 5)];
    const id = this.operations.length + 1;
    this.operations.push({ id, actor, deed, args, invoked_ms, completed_ms, ...ended } as Operation);
    return this;
  }
}

/** A post as answers show it; ids made later sort later. */
export function seen(post_id: string, user_id: number): SeenPost {
  return { post_id, user_id, created_at_ms: Number(post_id.replace(/\D/g, "")) };
}

/** Stores in which all is well: everybody's feed, profile and counters are what their posts and follows make them. */
export function atRest(posts: SeenPost[], follows: [number, number][], change: Partial<Stores> = {}): State {
  const people = [alice, bob, carol];
  const newest = [...posts].sort((a, b) => b.created_at_ms - a.created_at_ms);
  const followed = (viewer: number) => follows.filter(([follower]) => follower === viewer).map(([, author]) => author);
  const feedOf = (viewer: number) => newest.filter(({ user_id }) => followed(viewer).includes(user_id));
  const stores: Stores = {
    posts: posts.map((post) => ({ ...post, key: post.post_id, is_archived: false, like_count: 0, comment_count: 0 })),
    ...{ comments: [], likes: [], blocks: [], mutes: [], hides: [], pulled_posts: [] },
    people: people.map((user_id) => ({ user_id, is_private: false })),
    follows: follows.map(([follower_id, following_id]) => ({ follower_id, following_id, status: "accepted" })),
    counts: people.map((user_id) => ({
      user_id,
      follower_count: follows.filter(([, author]) => author === user_id).length,
      following_count: followed(user_id).length,
      post_count: posts.filter((post) => post.user_id === user_id).length,
    })),
    feed_items: people.flatMap((user_id) =>
      feedOf(user_id).map((post) => ({ user_id, post_id: post.post_id, author_id: post.user_id })),
    ),
    deliveries: posts.map(({ post_id }) => ({ post_id, is_pulled: false })),
    ...change,
  };
  const profile = (user_id: number) =>
    posts
      .filter((post) => post.user_id === user_id)
      .map(({ post_id }) => ({ post_id, like_count: 0, comment_count: 0 }));
  return {
    stores,
    api: {
      feeds: Object.fromEntries(people.map((id) => [id, feedOf(id).map(({ post_id }) => post_id)])),
      profiles: Object.fromEntries(people.map((id) => [id, profile(id)])),
    },
    topics: [],
    dead_letters: 0,
    feed_max_items: 800,
  };
}
