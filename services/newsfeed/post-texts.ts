import { LRUCache } from "lru-cache";
import type { Post } from "../posts/posts.contract";
import type { Asking } from "./newsfeed-store";

/** What is the viewer's own of a post. */
export type Marks = Post["viewer"];

/** A post under the stamps that were taken before it was read. */
export interface Stamped {
  post_id: string;
  stamp: string;
}

/** Without marks where the text came from others: what is the viewer's own is to be asked for. */
export interface Loaded {
  bytes: Buffer;
  marks: Marks | undefined;
}

interface Text {
  stamp: string;
  /** The JSON of the post up to where the viewer's own begins. */
  bytes: Buffer;
}

const MOST_BYTES = 64 * 1024 ** 2;
/** Of a text beside its bytes. */
const OVERHEAD_BYTES = 300;

/** Posts as JSON, the same for everyone who may see them, usable for as long as their stamps are the newest. */
export class PostTexts {
  private readonly texts = new LRUCache<string, Text>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length + OVERHEAD_BYTES,
  });
  private readonly loading = new Map<string, Promise<unknown>>();

  /**
   * Those that the viewer may see, each read once for all who want it now under the same stamps. What was read is answered from hand
   * to hand: meanwhile another, who holds other stamps of the same post, may have put theirs in its place.
   */
  async load(asking: Asking, wanted: readonly Stamped[]): Promise<Map<string, Loaded>> {
    const loaded = new Map<string, Loaded>();
    const take = (posts: readonly Stamped[]): Stamped[] =>
      posts.filter((post) => {
        const bytes = this.get(post);
        if (bytes !== undefined) loaded.set(post.post_id, { bytes, marks: undefined });
        return bytes === undefined;
      });
    const missing = take(wanted);
    const mine = missing.filter((post) => !this.loading.has(keyOf(post)));
    const others = missing.filter((post) => !mine.includes(post));
    const waiting = others.map((post) => this.loading.get(keyOf(post))?.catch(() => undefined));
    const [read] = await Promise.all([this.read(asking, mine), ...waiting]);
    // What another was refused, or did not come to read, may still be this viewer's to see.
    const left = await this.read(asking, take(others));
    return new Map([...loaded, ...read, ...left]);
  }

  private get({ post_id, stamp }: Stamped): Buffer | undefined {
    const text = this.texts.get(post_id);
    return text?.stamp === stamp ? text.bytes : undefined;
  }

  private async read(asking: Asking, posts: readonly Stamped[]): Promise<Map<string, Loaded>> {
    if (posts.length === 0) return new Map();
    const reading = this.ask(asking, posts);
    for (const post of posts) this.loading.set(keyOf(post), reading);
    try {
      return await reading;
    } finally {
      for (const post of posts) this.loading.delete(keyOf(post));
    }
  }

  private async ask(asking: Asking, posts: readonly Stamped[]): Promise<Map<string, Loaded>> {
    const found = await asking.call("posts.getMany", { post_ids: posts.map(({ post_id }) => post_id) });
    const stamps = new Map(posts.map(({ post_id, stamp }) => [post_id, stamp]));
    const loaded = new Map<string, Loaded>();
    for (const { viewer: marks, ...shared } of found.posts) {
      const stamp = stamps.get(shared.id);
      // An archived post shows to its author alone.
      if (stamp === undefined || shared.is_hidden) continue;
      const bytes = textOf(shared);
      this.texts.set(shared.id, { stamp, bytes });
      loaded.set(shared.id, { bytes, marks });
    }
    return loaded;
  }
}

function keyOf({ post_id, stamp }: Stamped): string {
  return `${post_id} ${stamp}`;
}

function textOf(shared: Omit<Post, "viewer">): Buffer {
  return Buffer.from(`${JSON.stringify(shared).slice(0, -1)},"viewer":`);
}

const endings = [false, true].map((has_liked) =>
  [false, true].map((has_saved) => Buffer.from(`${JSON.stringify({ has_liked, has_saved } satisfies Marks)}}`)),
);

/** What follows a post's text. */
export function endingOf({ has_liked, has_saved }: Marks): Buffer {
  return endings[Number(has_liked)]![Number(has_saved)]!;
}
