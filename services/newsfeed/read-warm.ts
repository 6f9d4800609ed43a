import { encodeCursor } from "../../lib/cursor";
import { type Snapshot, stampOf, type Taken, type TimelineEntry } from "../../mixins/redis";
import * as hides from "./hides.repository";
import { mergeNewest } from "./merge-newest";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { endingOf, type Loaded, type Stamped } from "./post-texts";
import type { OwnMarks, WarmPage } from "./warm-page";

/** Entries looked at beyond a page: so many may be gone before the plain way has to fill it. */
const SPARE = 5;

/**
 * The newest page of a feed as JSON, the fast way beside `readFeed` (docs/decisions/0019-warm-reads.md): where no stamp changed since
 * it was last made, it costs one round trip. Undefined where only the plain way can tell.
 */
export function readWarm(feeds: Newsfeed, asking: Asking, limit: number): Body | Promise<Body> {
  const size = limit + SPARE;
  if (size > feeds.maxItems) return undefined;
  const viewerId = asking.meta.viewer.id;
  const known = feeds.pages.get(keyOf(viewerId, limit));
  const names = known?.names ?? [stampOf.viewer(viewerId), stampOf.pulled];
  const answer = (snapshot: Taken): Body | Promise<Body> => {
    if (snapshot === undefined) return undefined;
    if (known?.mark === snapshot.mark) return known.body;
    return remake(feeds, asking, { limit, size, names, snapshot, known });
  };
  // Not awaited where it is there: promises cost more than all the rest of a page that nobody changed.
  const taken = feeds.snapshots.take(viewerId, size, names);
  return taken instanceof Promise ? taken.then(answer) : answer(taken);
}

type Body = Buffer | undefined;

function keyOf(viewerId: number, limit: number): string {
  return `${viewerId}:${limit}`;
}

/** Once for all who ask for the same page of the same snapshot: what else it was made from, if anything, is older than their question. */
async function remake(feeds: Newsfeed, asking: Asking, draft: Draft): Promise<Body> {
  const key = keyOf(asking.meta.viewer.id, draft.limit);
  const { mark } = draft.snapshot;
  const running = feeds.remaking.get(key);
  if (running?.mark === mark) {
    const page = await running.page.catch(() => undefined);
    if (page?.mark === mark) return page.body;
  }
  const remaking = { mark, page: composePage(feeds, asking, draft) };
  feeds.remaking.set(key, remaking);
  try {
    const page = await remaking.page;
    if (page !== undefined) feeds.pages.set(key, page);
    return page?.body;
  } finally {
    if (feeds.remaking.get(key) === remaking) feeds.remaking.delete(key);
  }
}

interface Draft {
  limit: number;
  size: number;
  names: readonly string[];
  snapshot: Snapshot;
  known: WarmPage | undefined;
}

/** Reads whatever changed, always after its stamp was taken. */
async function composePage(feeds: Newsfeed, asking: Asking, draft: Draft): Promise<WarmPage | undefined> {
  const { limit, size, names, snapshot } = draft;
  const { page } = snapshot;
  const viewerId = asking.meta.viewer.id;
  const stamps = new Map(names.map((name, i) => [name, snapshot.stamps[i]!]));
  const viewerStamp = stamps.get(stampOf.viewer(viewerId))!;
  const known = draft.known?.viewerStamp === viewerStamp ? draft.known : undefined;

  const sources = known?.sources ?? (await feeds.sources.of(asking.call, viewerId));
  const isComplete = page.entries.length === size || page.floor_ms === null;
  if (page.following_version < sources.following_version || !isComplete) return undefined;
  const pulled = await feeds.pulledIndex.followed(stamps.get(stampOf.pulled)!, sources, size, draft.known?.pulled);
  const merged = mergeNewest([page.entries, pulled.entries], size);

  const candidates = merged.filter(({ user_id }) => sources.has(user_id));
  const reader = new PageReader(feeds, asking, stamps, known?.marks);
  const shown: Shown[] = [];
  let looked = 0;
  while (shown.length < limit && looked < candidates.length) {
    const batch = candidates.slice(looked, looked + limit - shown.length);
    const found = await reader.read(batch);
    if (found === undefined) return undefined;
    shown.push(...found);
    looked += batch.length;
  }
  const next = candidates[looked];
  const isAtEnd = next === undefined && merged.length < size;
  // Too many are gone: the plain way looks further.
  if (shown.length < limit && !isAtEnd) return undefined;

  const seen = next === undefined ? merged : merged.slice(0, merged.indexOf(next));
  const body = bodyOf(shown, isAtEnd ? undefined : seen.at(-1));
  const marks = new Map(shown.map(({ entry, marks }) => [entry.post_id, marks]));
  // Also of what is not shown now: it may return.
  const lookedAt = namesOf(viewerId, candidates.slice(0, looked));
  const mark = isSame(names, lookedAt) ? snapshot.mark : "";
  return { mark, names: lookedAt, body, viewerStamp, sources, pulled, marks };
}

interface Shown {
  entry: TimelineEntry;
  text: Buffer;
  marks: OwnMarks;
}

/** Reads posts for one page, with the stamps that it has and those that it lacks. */
class PageReader {
  constructor(
    private readonly feeds: Newsfeed,
    private readonly asking: Asking,
    private readonly stamps: Map<string, string>,
    /** Under the viewer's present stamp. */
    private readonly known: WarmPage["marks"] = new Map(),
  ) {}

  /** Less those that are hidden or that the viewer may not see. Undefined where stamps cannot be had. */
  async read(entries: readonly TimelineEntry[]): Promise<Shown[] | undefined> {
    if (!(await this.takeStamps(entries))) return undefined;
    const hidden = await this.hiddenAmong(entries);
    const left = entries.filter(({ post_id }) => !hidden.has(post_id));
    const stamped = left.map((entry) => this.stampedOf(entry));
    const loaded = await this.feeds.texts.load(this.asking, stamped);
    const marks = await this.marksOf(left, loaded);
    return left.flatMap((entry) => {
      const text = loaded.get(entry.post_id)?.bytes;
      const own = marks.get(entry.post_id);
      return text === undefined || own === undefined ? [] : [{ entry, text, marks: own }];
    });
  }

  private async takeStamps(entries: readonly TimelineEntry[]): Promise<boolean> {
    const missing = entries.flatMap(namesOfPost).filter((name) => !this.stamps.has(name));
    if (missing.length === 0) return true;
    const taken = await this.feeds.stamps.read(missing);
    taken?.forEach((stamp, i) => this.stamps.set(missing[i]!, stamp));
    return taken !== undefined;
  }

  private async hiddenAmong(entries: readonly TimelineEntry[]): Promise<Set<string>> {
    const { id } = this.asking.meta.viewer;
    const unknown = entries.filter(({ post_id }) => !this.known.has(post_id));
    return hides.among(
      this.feeds.sql.at(id),
      id,
      unknown.map(({ post_id }) => post_id),
    );
  }

  /** Of those that were just read for this viewer, those that are known, and then of those whose text came from others. */
  private async marksOf(entries: readonly TimelineEntry[], loaded: ReadonlyMap<string, Loaded>) {
    const marks = new Map<string, OwnMarks>();
    const unmarked: TimelineEntry[] = [];
    for (const entry of entries) {
      const authorStamp = this.stamps.get(stampOf.author(entry.user_id))!;
      const text = loaded.get(entry.post_id);
      const own = text?.marks;
      const before = this.known.get(entry.post_id);
      if (own !== undefined) marks.set(entry.post_id, { ...own, authorStamp });
      else if (before?.authorStamp === authorStamp) marks.set(entry.post_id, before);
      else if (text !== undefined) unmarked.push(entry);
    }
    if (unmarked.length === 0) return marks;
    const { posts } = await this.asking.call("posts.mark", { post_ids: unmarked.map(({ post_id }) => post_id) });
    const authors = new Map(unmarked.map(({ post_id, user_id }) => [post_id, user_id]));
    for (const { post_id, viewer } of posts) {
      const authorStamp = this.stamps.get(stampOf.author(authors.get(post_id)!))!;
      marks.set(post_id, { ...viewer, authorStamp });
    }
    return marks;
  }

  private stampedOf(entry: TimelineEntry): Stamped {
    const stamp = namesOfPost(entry)
      .map((name) => this.stamps.get(name)!)
      .join(" ");
    return { post_id: entry.post_id, stamp };
  }
}

function namesOfPost({ post_id, user_id }: TimelineEntry): [string, string] {
  return [stampOf.post(post_id), stampOf.author(user_id)];
}

function namesOf(viewerId: number, entries: readonly TimelineEntry[]): string[] {
  return [stampOf.viewer(viewerId), stampOf.pulled, ...new Set(entries.flatMap(namesOfPost))];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

const [opening, comma, closing] = ['{"items":[', ",", '],"next_cursor":'].map((text) => Buffer.from(text));

/** The same text as `readFeed` makes when written as JSON. */
function bodyOf(shown: readonly Shown[], last: TimelineEntry | undefined): Buffer {
  const cursor = last === undefined ? null : encodeCursor([last.created_at_ms, last.post_id, shown.length]);
  const parts = shown.flatMap(({ text, marks }, i) => [...(i === 0 ? [] : [comma!]), text, endingOf(marks)]);
  return Buffer.concat([opening!, ...parts, closing!, Buffer.from(`${JSON.stringify(cursor)}}`)]);
}
