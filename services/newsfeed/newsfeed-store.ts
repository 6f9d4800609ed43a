import type { ServiceBroker } from "moleculer";
import type { Viewer } from "../../lib/contract";
import type { Channels } from "../../mixins/channels";
import type { Database } from "../../mixins/postgres";
import type { FeedCaches } from "../../mixins/redis";
import type { Call, TypedContext } from "../define-service";
import type { FeedMetrics } from "./feed-metrics";
import type { KnownSources } from "./feed-sources";
import type { PostTexts } from "./post-texts";
import type { PulledIndex } from "./pulled-index";
import type { WarmPage, WarmPages } from "./warm-page";

/** What the pieces of this service use of it. */
export interface Newsfeed extends FeedCaches, Pick<Channels, "publish" | "publishMany" | "hint" | "once"> {
  sql: Database;
  broker: ServiceBroker;
  sources: KnownSources;
  pages: WarmPages;
  /** Pages that are being made anew, by their keys. */
  remaking: Map<string, { mark: string; page: Promise<WarmPage | undefined> }>;
  texts: PostTexts;
  pulledIndex: PulledIndex;
  figures: FeedMetrics;
  /** Feeds that are being made ready in this process, by viewer. */
  opening: Map<number, Promise<void>>;
  /** Posts that a feed holds. */
  maxItems: number;
  /** Followers in one page of a fan-out. */
  fanOutPage: number;
  /** From so many followers on a post is pulled. */
  influencerFollowers: number;
}

/** Who asks, and the way to ask other services for them. */
export interface Asking {
  call: Call;
  meta: { viewer: Viewer };
}

/** A context's `call` knows its context only when bound. */
export function askingOf(ctx: TypedContext<unknown, Asking["meta"]>): Asking {
  return { call: ctx.call.bind(ctx), meta: ctx.meta };
}
