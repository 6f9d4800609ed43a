import { LRUCache } from "lru-cache";
import type { Sources } from "./feed-sources";
import type { Marks } from "./post-texts";
import type { FollowedPulled } from "./pulled-index";

/** What is the viewer's own of a post, for as long as the stamps of viewer and author are these. */
export interface OwnMarks extends Marks {
  authorStamp: string;
}

/** The newest page of somebody's feed as it was answered, and all that says whether it may be answered again. */
export interface WarmPage {
  /** Of the snapshot that it was made from; empty where it was made from more than that. */
  mark: string;
  /** Of everything that decided what stands in it. */
  names: readonly string[];
  body: Buffer;
  viewerStamp: string;
  sources: Sources;
  pulled: FollowedPulled;
  /** Posts of which it is known that the viewer did not hide them, and what the viewer did to them. */
  marks: ReadonlyMap<string, OwnMarks>;
}

const MOST_BYTES = 64 * 1024 ** 2;
/** Of a page beside its body: names, mark, marks. */
const OVERHEAD_BYTES = 8 * 1024;

/** Pages by viewer and limit. */
export type WarmPages = LRUCache<string, WarmPage>;

export function warmPages(): WarmPages {
  return new LRUCache({ maxSize: MOST_BYTES, sizeCalculation: ({ body }) => body.length + OVERHEAD_BYTES });
}
