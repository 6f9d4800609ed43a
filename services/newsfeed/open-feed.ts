import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../lib/errors";
import { TIMELINE_LEAST } from "../../mixins/redis";
import * as feedItems from "./feed-items.repository";
import type { Window } from "./feed-items.repository";
import * as metadata from "./feed-metadata.repository";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { rebuildFeed } from "./rebuild-feed";

/** A rebuild that takes longer is done by the next reader too, which harms nothing; so long those wait whose rebuilder died. */
const LOCK_MS = 3_000;
const WAIT_MS = 20;
const PATIENCE_MS = 9_000;

/** Rebuilds a feed that is not fresh for this version. Of many at once one does, the others wait and read its result. */
export async function freshen(feeds: Newsfeed, asking: Asking, followingVersion: number): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  const shard = feeds.sql.at(viewerId);
  const isFresh = async () => metadata.isFresh(await metadata.find(shard, viewerId), followingVersion);
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isFresh())) {
    const isDone = await feeds.locks.tryWith(`feed.rebuild:${viewerId}`, LOCK_MS, async () => {
      if (!(await isFresh())) await rebuildFeed(feeds, asking);
      return true;
    });
    // Marked again meanwhile or not: it is as new as this reader's own question.
    if (isDone) return;
    if (performance.now() > deadline) throw new UnavailableError();
    await sleep(WAIT_MS * (0.5 + Math.random()));
  }
}

/** Puts the newest entries into the cache, from a feed that is fresh. Readers of one process share the work. */
export function openTimeline(feeds: Newsfeed, asking: Asking, followingVersion: number): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  const running = feeds.opening.get(viewerId);
  if (running !== undefined) return running;
  const opening = buildTimeline(feeds, asking, followingVersion).finally(() => feeds.opening.delete(viewerId));
  feeds.opening.set(viewerId, opening);
  return opening;
}

async function buildTimeline(feeds: Newsfeed, asking: Asking, followingVersion: number): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  // Before anything is read: what is pushed from here on is kept beside what is read.
  const token = await feeds.timelines.beginBuild(viewerId);
  const read = () => feedItems.window(feeds.sql.at(viewerId), viewerId, undefined, TIMELINE_LEAST + 1);
  let window = await read();
  if (!metadata.isFresh(window.state, followingVersion)) {
    await freshen(feeds, asking, followingVersion);
    window = await read();
  }
  const { state } = window;
  if (!metadata.isFresh(state, followingVersion)) return;
  await feeds.timelines.finishBuild(viewerId, token, {
    entries: window.entries.slice(0, TIMELINE_LEAST),
    floor_ms: floorOf(window),
    following_version: state.following_version,
  });
}

/** Drops a viewer's timeline for a change that is answered now. Where the cache cannot be reached an event drops it later. */
export async function dropTimeline(feeds: Newsfeed, viewerId: number): Promise<void> {
  try {
    await feeds.timelines.invalidate([viewerId]);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    const shard = feeds.sql.at(viewerId);
    await shard.transaction((tx) => feeds.publish(tx, "feed.invalidated", { user_id: viewerId }));
  }
}

/** What is strictly newer than this is all there: several posts may be of one millisecond. */
function floorOf({ state, entries }: Window): number | null {
  return entries[TIMELINE_LEAST]?.created_at_ms ?? state?.floor?.created_at_ms ?? null;
}
