import { LRUCache } from "lru-cache";
import type { Database } from "../../mixins/postgres";
import type { TimelineEntry } from "../../mixins/redis";
import type { Sources } from "./feed-sources";
import { mergeNewest } from "./merge-newest";
import * as pulledPosts from "./pulled-posts.repository";

/** Of each author so many stand ready: more than a page takes. */
const KEPT = 128;
const MOST_AUTHORS = 5_000;

interface Newest {
  version: number;
  entries: TimelineEntry[];
}

/** The newest pulled posts of those whom somebody follows. */
export interface FollowedPulled {
  /** Of the index that it was read from. */
  revision: number;
  sources: Sources;
  authors: readonly number[];
  entries: readonly TimelineEntry[];
}

/**
 * All authors with pulled posts and the newest of each, in this process, as new as the stamp of them all: a reader pays nothing for
 * the number of those whom they follow, until one of these posts.
 */
export class PulledIndex {
  private stamp: string | undefined;
  private syncing: { stamp: string; done: Promise<void> } | undefined;
  private revision = 0;
  private readonly versions = new Map<number, number>();
  /** At which revision an author's posts last changed; the newest last. */
  private readonly changes = new Map<number, number>();
  private readonly newest = new LRUCache<number, Newest>({ max: MOST_AUTHORS });

  constructor(private readonly sql: Database) {}

  /** As of a stamp that was taken before; the newest `limit`, which are no more than are kept of each author. */
  async followed(
    stamp: string,
    sources: Sources,
    limit: number,
    known: FollowedPulled | undefined,
  ): Promise<FollowedPulled> {
    await this.sync(stamp);
    const { revision } = this;
    if (known?.sources === sources && this.isSame(known)) return { ...known, revision };
    const authors = [...this.versions.keys()].filter((author) => sources.has(author));
    const lists = authors.length === 0 ? [] : await this.listsOf(authors);
    return { revision, sources, authors, entries: mergeNewest(lists, limit) };
  }

  /** None whom this reader follows posted, or lost a post, since. */
  private isSame({ revision, sources }: FollowedPulled): boolean {
    if (revision === this.revision) return true;
    for (const [author, changedAt] of this.changes) if (changedAt > revision && sources.has(author)) return false;
    return true;
  }

  private async listsOf(authors: readonly number[]): Promise<TimelineEntry[][]> {
    const isCurrent = (author: number) => (this.newest.get(author)?.version ?? -1) >= this.versions.get(author)!;
    const missing = authors.filter((author) => !isCurrent(author));
    const read = missing.length === 0 ? [] : await pulledPosts.pages(this.sql, missing, undefined, KEPT);
    for (const { user_id, version, entries } of read) this.newest.set(user_id, { version, entries });
    return authors.map((author) => this.newest.get(author)?.entries ?? []);
  }

  /** Reads which authors changed, once for all who hold this stamp. */
  private async sync(stamp: string): Promise<void> {
    while (this.stamp !== stamp) {
      if (this.syncing?.stamp === stamp) await this.syncing.done;
      else if (this.syncing !== undefined) await this.syncing.done.catch(() => undefined);
      else {
        const done = this.read(stamp).finally(() => (this.syncing = undefined));
        this.syncing = { stamp, done };
        await done;
      }
    }
  }

  private async read(stamp: string): Promise<void> {
    const found = await pulledPosts.versions(this.sql);
    const changed = found.filter(({ user_id, version }) => (this.versions.get(user_id) ?? -1) < version);
    if (changed.length > 0) this.revision += 1;
    for (const { user_id, version } of changed) {
      this.versions.set(user_id, version);
      this.changes.delete(user_id);
      this.changes.set(user_id, this.revision);
    }
    this.stamp = stamp;
  }
}
