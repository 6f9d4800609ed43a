import type { Post } from "../../services/posts/posts.contract";
import { seededRandom } from "../setup/seeded-random";
import type { Person } from "../setup/use-app";
import type { FeedsApp } from "./use-feeds";

const PEOPLE = 8;

/** People who follow, post, block, hide and read at random, in the same way for the same seed. */
export class Storm {
  readonly people: Person[] = [];
  private admin!: Person;
  private readonly random: () => number;
  private readonly posts: Post[] = [];
  private readonly isOn = new Set<string>();

  constructor(
    private readonly app: FeedsApp,
    seed: number,
  ) {
    this.random = seededRandom(seed);
  }

  async begin(): Promise<void> {
    for (let i = 0; i < PEOPLE; i += 1) this.people.push(await this.app.user("person"));
    this.admin = { ...(await this.app.user("admin")), role: "admin" };
  }

  /** Three things at once. Answers how many were refused, as what meets a block or a deleted post may be, and nothing else. */
  async gust(): Promise<number> {
    const group = await Promise.allSettled([this.act(), this.act(), this.act()]);
    const refusals = group.flatMap((result) =>
      result.status === "rejected" ? [result.reason as { code?: unknown }] : [],
    );
    for (const { code } of refusals) expect([404, 422]).toContain(code);
    return refusals.length;
  }

  private async act(): Promise<unknown> {
    const { app, posts } = this;
    const [a, b, post] = [this.pick(this.people)!, this.pick(this.people)!, this.pick(posts)];
    const as = app.as(a);
    const user_id = b.id;
    const chance = this.random();
    if (chance < 0.24) return app.post(a).then((made) => posts.push(made));
    if (chance < 0.5 && a !== b) return as.call("graph.follow", { user_id });
    if (chance < 0.58 && a !== b) return as.call("graph.unfollow", { user_id });
    if (chance < 0.62 && a !== b)
      return as.call(this.flip(`m${a.id}:${user_id}`) ? "graph.mute" : "graph.unmute", { user_id });
    if (chance < 0.64 && a !== b)
      return as.call(this.flip(`b${a.id}:${user_id}`) ? "graph.block" : "graph.unblock", { user_id });
    if (chance < 0.67) return as.call("auth.updateProfile", { is_private: this.flip(`p${a.id}`) });
    if (chance < 0.7)
      return app.as(this.admin).call("auth.updateAccount", { user_id, is_suspended: this.flip(`s${user_id}`) });
    if (post === undefined) return undefined;
    const post_id = post.id;
    if (chance < 0.75) {
      posts.splice(posts.indexOf(post), 1);
      return this.asAuthor(post).call("posts.delete", { post_id });
    }
    if (chance < 0.83)
      return this.asAuthor(post).call(this.flip(`a${post_id}`) ? "posts.archive" : "posts.unarchive", { post_id });
    if (chance < 0.88) return as.call(this.random() < 0.6 ? "newsfeed.hide" : "newsfeed.unhide", { post_id });
    if (chance < 0.9) return as.call("newsfeed.rebuild", {});
    if (chance < 0.92) return app.feeds().sweep();
    return app.page(a, 5);
  }

  private pick<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.random() * all.length)];
  }

  private flip(key: string): boolean {
    return this.isOn.delete(key) ? false : Boolean(this.isOn.add(key));
  }

  private asAuthor(post: Post) {
    return this.app.as(this.people.find(({ id }) => id === post.user_id)!);
  }
}
