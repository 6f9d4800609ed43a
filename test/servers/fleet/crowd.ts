import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, type Gateway, picture } from "../../setup/http-client";
import { seededRandom } from "../../setup/seeded-random";

type Kind = "read" | "post" | "like" | "follow" | "comment";

export interface Outcome {
  kind: Kind;
  /** 0: no answer came. */
  status: number;
  /** ms since the crowd was gathered. */
  beganMs: number;
  endedMs: number;
}

interface Acknowledged {
  posts: { author: Client; id: string }[];
  comments: { author: Client; post: string; id: string }[];
  likes: { of: Client; post: string }[];
  follows: { of: Client; followed: Client }[];
}

/** Mostly reads, as in a social network. */
const mix: readonly Kind[] = ["read", "read", "read", "read", "read", "read", "post", "like", "follow", "comment"];

/** People who ask at a fixed rate whatever becomes of their requests, and a ledger of every write that was acknowledged. */
export class Crowd {
  readonly outcomes: Outcome[] = [];
  readonly acknowledged: Acknowledged = { posts: [], comments: [], likes: [], follows: [] };
  private readonly random: () => number;
  private readonly began = performance.now();
  /** Pairs that nobody asked for yet, so that every follow and every like is asked for once. */
  private readonly pairs: [Client, Client][];
  private readonly likeable: [Client, string][] = [];
  private readonly spareMedia: [Client, string][] = [];

  private constructor(
    private readonly people: readonly Client[],
    private readonly posts: readonly string[],
    seed: number,
  ) {
    this.random = seededRandom(seed);
    const pairs = people.flatMap((one) => people.map((other): [Client, Client] => [one, other]));
    this.pairs = this.shuffled(pairs.filter(([one, other]) => one !== other));
    this.likeable = this.shuffled(people.flatMap((person) => posts.map((post): [Client, string] => [person, post])));
  }

  /** Everybody has a few pictures to post, and some posts to like and comment are there. */
  static async gather(
    gateway: Gateway,
    { people, pictures, seed }: { people: number; pictures: number; seed: number },
  ) {
    const clients: Client[] = [];
    for (let i = 0; i < people; i += 1) clients.push(await gateway.person("crowd"));
    const posts = await Promise.all(clients.slice(0, 5).map((client) => client.posted("to be liked")));
    const crowd = new Crowd(
      clients,
      posts.map(({ id }) => id as string),
      seed,
    );
    for (let i = 0; i < pictures; i += 1) {
      const owner = clients[i % people]!;
      crowd.spareMedia.push([owner, (await owner.upload(await picture())).body.id]);
    }
    return crowd;
  }

  /** Asks for so long, then waits for every answer. */
  async ask(perSecond: number, forMs: number): Promise<void> {
    const began = performance.now();
    const underway: Promise<void>[] = [];
    for (let n = 0; ; n += 1) {
      const dueMs = (n * 1000) / perSecond;
      if (dueMs >= forMs) break;
      await sleep(Math.max(0, began + dueMs - performance.now()));
      underway.push(this.askOne());
    }
    await Promise.all(underway);
  }

  now(): number {
    return performance.now() - this.began;
  }

  private async askOne(): Promise<void> {
    const kind = mix[Math.floor(this.random() * mix.length)]!;
    const beganMs = this.now();
    let status = 0;
    try {
      status = await this[kind]();
    } catch {
      // No answer: whether it happened nobody knows.
    }
    this.outcomes.push({ kind, status, beganMs, endedMs: this.now() });
  }

  private async read(): Promise<number> {
    return (await this.somebody().get("/feed?limit=20")).status;
  }

  private async post(): Promise<number> {
    const [author, media] = this.spareMedia.pop() ?? [];
    if (author === undefined) return this.read();
    const sent = { headers: { "idempotency-key": randomUUID() } };
    const { status, body } = await author.post("/posts", { caption: "in the storm", media_ids: [media] }, sent);
    if (status === 201) this.acknowledged.posts.push({ author, id: body.id });
    return status;
  }

  private async comment(): Promise<number> {
    const author = this.somebody();
    const post = this.posts[Math.floor(this.random() * this.posts.length)]!;
    const sent = { headers: { "idempotency-key": randomUUID() } };
    const { status, body } = await author.post(`/posts/${post}/comments`, { text: "hm" }, sent);
    if (status === 201) this.acknowledged.comments.push({ author, post, id: body.id });
    return status;
  }

  private async like(): Promise<number> {
    const [of, post] = this.likeable.pop() ?? [];
    if (of === undefined || post === undefined) return this.read();
    const { status } = await of.post(`/posts/${post}/like`);
    if (status === 200) this.acknowledged.likes.push({ of, post });
    return status;
  }

  private async follow(): Promise<number> {
    const [of, followed] = this.pairs.pop() ?? [];
    if (of === undefined || followed === undefined) return this.read();
    const { status } = await of.post(`/graph/follow/${followed.user.id}`);
    if (status === 200) this.acknowledged.follows.push({ of, followed });
    return status;
  }

  private somebody(): Client {
    return this.people[Math.floor(this.random() * this.people.length)]!;
  }

  private shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((value) => ({ value, rank: this.random() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ value }) => value);
  }

  /** Acknowledged writes that cannot be seen now, each in a few words. Ask once all events have been handled. */
  async lost(): Promise<string[]> {
    const lost: string[] = [];
    const { posts, comments, likes, follows } = this.acknowledged;
    const idsIn = async (client: Client, path: string): Promise<Map<string, number>> => {
      const ids = new Map<string, number>();
      for (let cursor: string | null = ""; cursor !== null;) {
        const separator = path.includes("?") ? "&" : "?";
        const { status, body } = await client.get(
          `${path}${separator}limit=50${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
        );
        if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
        for (const { id } of body.items) ids.set(String(id), (ids.get(String(id)) ?? 0) + 1);
        cursor = body.next_cursor;
      }
      return ids;
    };

    const profiles = new Map<Client, Map<string, number>>();
    for (const { author, id } of posts) {
      if (!profiles.has(author)) profiles.set(author, await idsIn(author, `/posts?user_id=${author.user.id}`));
      if (profiles.get(author)!.get(id) !== 1) lost.push(`post ${id} is not once in its author's profile`);
    }
    for (const post of this.posts) {
      const shown = await idsIn(this.people[0]!, `/posts/${post}/comments`);
      for (const comment of comments.filter((one) => one.post === post))
        if (shown.get(comment.id) !== 1) lost.push(`comment ${comment.id} is not once under its post`);
      const likers = await idsIn(this.people[0]!, `/posts/${post}/likes`);
      for (const { of } of likes.filter((one) => one.post === post))
        if (likers.get(String(of.user.id)) !== 1) lost.push(`the like of ${of.user.username} is gone`);
      const { body } = await this.people[0]!.get(`/posts/${post}/stats`);
      if (body.like_count !== likers.size) lost.push(`post ${post} counts ${body.like_count} of ${likers.size} likes`);
      if (body.comment_count !== shown.size)
        lost.push(`post ${post} counts ${body.comment_count} of ${shown.size} comments`);
    }
    for (const reader of this.people) {
      const following = await idsIn(reader, `/graph/following/${reader.user.id}`);
      const feed = await idsIn(reader, "/feed");
      for (const { followed } of follows.filter(({ of }) => of === reader)) {
        if (following.get(String(followed.user.id)) !== 1) lost.push(`a follow of ${reader.user.username} is gone`);
        for (const { id } of posts.filter(({ author }) => author === followed))
          if (feed.get(id) !== 1) lost.push(`post ${id} is ${feed.get(id) ?? 0} times in a follower's feed`);
      }
    }
    return lost;
  }
}
