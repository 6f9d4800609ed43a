import { AtMost } from "../../lib/at-most";
import { configOf } from "../../lib/config";
import { offerWarmFeed } from "../../lib/warm-feed";
import { channels } from "../../mixins/channels";
import { postgres } from "../../mixins/postgres";
import { stampOf, type TimelineEntry, timelines, touch } from "../../mixins/redis";
import { callerOf, defineService } from "../define-service";
import type { Skeleton } from "../posts/posts.contract";
import { deliverPost } from "./deliver-post";
import { describeFeed, rebuildNow } from "./describe-feed";
import { fanOut } from "./fan-out";
import { feedMetrics } from "./feed-metrics";
import { KnownSources } from "./feed-sources";
import { forgetUser, markFollower, noteAuthor } from "./follow-accounts";
import { setHidden } from "./hide-post";
import { newsfeedContract } from "./newsfeed.contract";
import { askingOf, type Newsfeed } from "./newsfeed-store";
import { PostTexts } from "./post-texts";
import { PulledIndex } from "./pulled-index";
import { readFeed } from "./read-feed";
import { newestIds, readNewer } from "./read-newer";
import { readNewest, warmFeed } from "./read-newest";
import { restorePost } from "./restore-post";
import { sweepFeeds, type SweptTo } from "./sweep-feeds";
import { type WarmPages, warmPages } from "./warm-page";
import { withdrawPost } from "./withdraw-post";

type Kept =
  "sources" | "texts" | "pulledIndex" | "figures" | "opening" | "maxItems" | "fanOutPage" | "influencerFollowers";

/** Of fan-outs, on this node: more would take the connections to PostgreSQL that reading needs, and be no quicker. */
const PAGES_AT_ONCE = 4;

interface State extends Pick<Newsfeed, Kept> {
  pages: WarmPages;
  fanOuts: AtMost;
  remaking: Newsfeed["remaking"];
  sweptTo: SweptTo;
  timer: NodeJS.Timeout | undefined;
  sweeping: Promise<unknown> | undefined;
}

function entryOf({ post_id, user_id, created_at }: Skeleton): TimelineEntry {
  return { post_id, user_id, created_at_ms: Date.parse(created_at) };
}

/** Everyone's feed: pushed when written, pulled when read, rebuilt when in doubt. Sole owner of the feed tables. */
export default defineService(newsfeedContract, {
  mixins: [postgres("newsfeed"), channels("postgres"), timelines()],
  dependencies: ["posts", "graph", "auth"],
  state: {} as State,

  methods: {
    /** One round of the sweeper; true when it came to the end of all feeds. */
    sweep(): Promise<boolean> {
      const call = callerOf(this.broker);
      const askingAs = (id: number) => {
        const meta = { viewer: { id, role: "user" as const } };
        return { meta, call: ((name, params) => call(name, params, { meta })) as typeof call };
      };
      return sweepFeeds(this, askingAs, this.sweptTo);
    },
  },

  actions: {
    async read(ctx) {
      const startedMs = performance.now();
      const page = await readFeed(this, askingOf(ctx), ctx.params);
      this.figures.observeRead(startedMs);
      return page;
    },
    readNewest(ctx) {
      return readNewest(this, askingOf(ctx), ctx.params);
    },
    readNewer(ctx) {
      return readNewer(this, askingOf(ctx), ctx.params);
    },
    async newestIds(ctx) {
      return { post_ids: await newestIds(this, askingOf(ctx), ctx.params.limit) };
    },
    metadata(ctx) {
      return describeFeed(this, askingOf(ctx));
    },
    rebuild(ctx) {
      return rebuildNow(this, askingOf(ctx));
    },
    async hide(ctx) {
      await setHidden(this, askingOf(ctx), ctx.params.post_id, true);
      return {};
    },
    async unhide(ctx) {
      await setHidden(this, askingOf(ctx), ctx.params.post_id, false);
      return {};
    },
  },

  channels: {
    async "post.created"({ data }, ctx) {
      await deliverPost(this, ctx.call.bind(ctx), entryOf(data));
    },
    async "post.updated"(event, ctx) {
      await touch(this.stamps, [stampOf.post(event.data.post_id)]);
      await restorePost(this, ctx.call.bind(ctx), event);
    },
    async "post.deleted"({ data }, ctx) {
      await touch(this.stamps, [stampOf.post(data.post_id)]);
      await withdrawPost(this, ctx.call.bind(ctx), entryOf(data));
    },
    async "follow.accepted"({ data }, ctx) {
      await touch(this.stamps, [stampOf.viewer(data.follower_id)]);
      await markFollower(this, ctx.call.bind(ctx), data.follower_id);
    },
    async "follow.removed"({ data }, ctx) {
      await touch(this.stamps, [stampOf.viewer(data.follower_id)]);
      await markFollower(this, ctx.call.bind(ctx), data.follower_id);
    },
    async "user.updated"({ data }, ctx) {
      await touch(this.stamps, [stampOf.author(data.user_id)]);
      await noteAuthor(this, ctx.call.bind(ctx), data);
    },
    async "user.deleted"({ data }) {
      await touch(this.stamps, [stampOf.author(data.user_id)]);
      await forgetUser(this, data.user_id);
    },
    async "feed.fanout"({ data }, ctx) {
      await this.fanOuts.run(() => fanOut(this, ctx.call.bind(ctx), data));
    },
    async "feed.invalidated"({ data }) {
      await this.timelines.invalidate([data.user_id]);
    },
  },

  created() {
    const { feedMaxItems, fanOutPage, influencerFollowers } = configOf(this.broker);
    this.maxItems = feedMaxItems;
    this.fanOutPage = fanOutPage;
    this.influencerFollowers = influencerFollowers;
    this.sources = new KnownSources();
    this.pages = warmPages();
    this.remaking = new Map();
    this.texts = new PostTexts();
    this.figures = feedMetrics(this.broker);
    this.opening = new Map();
    this.fanOuts = new AtMost(PAGES_AT_ONCE);
    this.sweptTo = new Map();
  },

  async started() {
    this.pulledIndex = new PulledIndex(this.sql);
    offerWarmFeed(this.broker, warmFeed(this));
    const round = (): void => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.logger.warn("A sweep failed; the next one goes on.", error))
        .finally(() => (this.sweeping = undefined));
    };
    this.timer = setInterval(round, configOf(this.broker).sweepSeconds * 1000).unref();
  },

  async stopped() {
    offerWarmFeed(this.broker, undefined);
    clearInterval(this.timer);
    await this.sweeping;
  },
});
