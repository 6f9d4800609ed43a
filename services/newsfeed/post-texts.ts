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

  get({ post_id, stamp }: Stamped): Buffer | undefined {
    const text = this.texts.get(post_id);
    return text?.stamp === stamp ? text.bytes : undefined;
  }

  /**
   * Reads those of which there is no text, each once for all who want it now. Answers what is this viewer's own of those that were
   * read for them: who is neither here nor has a text is not theirs to see.
   */
  async load(asking: Asking, wanted: readonly Stamped[]): Promise<Map<string, Marks>> {
    const missing = wanted.filter((post) => this.get(post) === undefined);
    if (missing.length === 0) return new Map();
    const mine = missing.filter((post) => !this.loading.has(keyOf(post)));
    const others = missing.map((post) => this.loading.get(keyOf(post)));
    const [marks] = await Promise.all([
      this.read(asking, mine),
      ...others.map((other) => other?.catch(() => undefined)),
    ]);
    // What another was refused, or did not come to read, may still be this viewer's to see.
    const left = missing.filter((post) => !mine.includes(post) && this.get(post) === undefined);
    if (left.length > 0) for (const [id, own] of await this.read(asking, left)) marks.set(id, own);
    return marks;
  }

  private async read(asking: Asking, posts: readonly Stamped[]): Promise<Map<string, Marks>> {
    if (posts.length === 0) return new Map();
    const reading = this.ask(asking, posts);
    for (const post of posts) this.loading.set(keyOf(post), reading);
    try {
      return await reading;
    } finally {
      for (const post of posts) this.loading.delete(keyOf(post));
    }
  }

  private async ask(asking: Asking, posts: readonly Stamped[]): Promise<Map<string, Marks>> {
    const found = await asking.call("posts.getMany", { post_ids: posts.map(({ post_id }) => post_id) });
    const stamps = new Map(posts.map(({ post_id, stamp }) => [post_id, stamp]));
    return new Map(
      found.posts.map(({ viewer, ...shared }) => {
        const stamp = stamps.get(shared.id);
        // An archived post shows to its author alone.
        if (stamp !== undefined && !shared.is_hidden) this.texts.set(shared.id, { stamp, bytes: textOf(shared) });
        return [shared.id, viewer];
      }),
    );
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
