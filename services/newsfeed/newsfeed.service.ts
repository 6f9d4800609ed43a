import { configOf } from "../../lib/config";
import { channels } from "../../mixins/channels";
import { postgres } from "../../mixins/postgres";
import { type TimelineEntry, timelines } from "../../mixins/redis";
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
import { readFeed } from "./read-feed";
import { restorePost } from "./restore-post";
import { sweepFeeds, type SweptTo } from "./sweep-feeds";
import { withdrawPost } from "./withdraw-post";

interface State extends Pick<Newsfeed, "sources" | "figures" | "opening" | "maxItems" | "influencerFollowers"> {
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
  dependencies: ["posts", "graph"],
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
      await restorePost(this, ctx.call.bind(ctx), event);
    },
    async "post.deleted"({ data }, ctx) {
      await withdrawPost(this, ctx.call.bind(ctx), entryOf(data));
    },
    async "follow.accepted"({ data }, ctx) {
      await markFollower(this, ctx.call.bind(ctx), data.follower_id);
    },
    async "follow.removed"({ data }, ctx) {
      await markFollower(this, ctx.call.bind(ctx), data.follower_id);
    },
    async "user.updated"({ data }, ctx) {
      await noteAuthor(this, ctx.call.bind(ctx), data);
    },
    async "user.deleted"({ data }) {
      await forgetUser(this, data.user_id);
    },
    async "feed.fanout"({ data }, ctx) {
      await fanOut(this, ctx.call.bind(ctx), data);
    },
    async "feed.invalidated"({ data }) {
      await this.timelines.invalidate([data.user_id]);
    },
  },

  created() {
    const { feedMaxItems, influencerFollowers } = configOf(this.broker);
    this.maxItems = feedMaxItems;
    this.influencerFollowers = influencerFollowers;
    this.sources = new KnownSources();
    this.figures = feedMetrics(this.broker);
    this.opening = new Map();
    this.sweptTo = new Map();
  },

  async started() {
    const round = (): void => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.logger.warn("A sweep failed; the next one goes on.", error))
        .finally(() => (this.sweeping = undefined));
    };
    this.timer = setInterval(round, configOf(this.broker).sweepSeconds * 1000).unref();
  },

  async stopped() {
    clearInterval(this.timer);
    await this.sweeping;
  },
});
