import { configOf } from "../../lib/config";
import { channels } from "../../mixins/channels";
import { postgres } from "../../mixins/postgres";
import { type Stamps, stampsOf } from "../../mixins/redis";
import { relationsOf } from "../../mixins/redis/relations";
import type { VersionedCache } from "../../mixins/redis/versioned-cache";
import { faceOf } from "../auth/auth.contract";
import { callerOf, defineService } from "../define-service";
import { block, mirrorBlock, unblock } from "./block";
import * as blocks from "./blocks.repository";
import { countFollower, countPost } from "./count-events";
import { acceptRequest, follow, rejectRequest, removeFollower, unfollow } from "./follow";
import * as lists from "./follow-lists.repository";
import { followMany } from "./follow-many";
import { graphContract } from "./graph.contract";
import { graphMetrics, type GraphMetrics } from "./graph-metrics";
import { listFaces, listNewest } from "./list-accounts";
import { isMutual, listMutual } from "./list-mutual";
import { mute, unmute } from "./mute";
import * as mutes from "./mutes.repository";
import * as people from "./people.repository";
import { presentMe, presentProfile, search } from "./present-profile";
import { relationship } from "./relationship";
import { feedSources, type Relation } from "./relations.repository";
import { doTwice, repairDue } from "./repair";
import { requireOpen, requireVisible, visibleUsers } from "./see-accounts";
import { suggest } from "./suggest";

interface State {
  stamps: Stamps;
  relations: VersionedCache<Relation>;
  figures: GraphMetrics;
  timer: NodeJS.Timeout | undefined;
  sweeping: Promise<void> | undefined;
}

/** Who follows, asks to follow, blocks and mutes whom, and who may see whom. Sole owner of the graph tables. */
export default defineService(graphContract, {
  mixins: [postgres("graph"), channels("postgres")],
  dependencies: ["auth"],
  state: {} as State,

  methods: {
    /** Repairs what is due, and measures. */
    async sweep(now: Date = new Date()): Promise<void> {
      await repairDue(this, callerOf(this.broker), now);
      await this.figures.measureFollowers(this.sql);
    },
  },

  actions: {
    async visible(ctx) {
      return { users: await visibleUsers(this, ctx, ctx.params.user_ids) };
    },
    me(ctx) {
      return presentMe(this, ctx);
    },
    profile(ctx) {
      return presentProfile(this, ctx);
    },
    search(ctx) {
      return search(this, ctx);
    },

    async follow(ctx) {
      return { status: await follow(this, ctx) };
    },
    async unfollow(ctx) {
      await unfollow(this, ctx);
      return { status: "none" as const };
    },
    async followMany(ctx) {
      return { new_count: await followMany(this, ctx) };
    },
    async acceptRequest(ctx) {
      await acceptRequest(this, ctx);
      return {};
    },
    async rejectRequest(ctx) {
      await rejectRequest(this, ctx);
      return {};
    },
    async removeFollower(ctx) {
      await removeFollower(this, ctx);
      return {};
    },

    async listFollowers(ctx) {
      const { user_id } = ctx.params;
      await requireOpen(this, ctx, user_id);
      return listFaces(this, ctx, (before, limit) => lists.followers(this.sql, user_id, before, limit));
    },
    async listFollowing(ctx) {
      const { user_id } = ctx.params;
      await requireOpen(this, ctx, user_id);
      return listFaces(this, ctx, (before, limit) => lists.following(this.sql, user_id, before, limit));
    },
    async listMutual(ctx) {
      await requireOpen(this, ctx, ctx.params.user_id);
      const is_mutual = await isMutual(this, ctx.meta.viewer.id, ctx.params.user_id);
      return { ...(await listMutual(this, ctx)), is_mutual };
    },
    listRequests(ctx) {
      const read: lists.ReadNewest = (before, limit) => lists.requests(this.sql, ctx.meta.viewer.id, before, limit);
      return listNewest(this, ctx, read, ({ profile, visibility }, { created_at }) =>
        visibility === "none" ? undefined : { user: faceOf(profile), created_at },
      );
    },
    suggestions(ctx) {
      return suggest(this, ctx);
    },
    async stats(ctx) {
      const { user_id } = ctx.params;
      await requireVisible(this, ctx, user_id);
      const { follower_count, following_count } = await people.countsOf(this.sql.at(user_id), user_id);
      return { follower_count, following_count };
    },
    relationship(ctx) {
      return relationship(this, ctx);
    },

    async block(ctx) {
      await block(this, ctx);
      return {};
    },
    async unblock(ctx) {
      await unblock(this, ctx);
      return {};
    },
    async mute(ctx) {
      await mute(this, ctx);
      return {};
    },
    async unmute(ctx) {
      await unmute(this, ctx);
      return {};
    },
    listBlocks(ctx) {
      const read: lists.ReadNewest = (before, limit) => blocks.page(this.sql, ctx.meta.viewer.id, before, limit);
      // The blocker's own list is where blocked accounts are still shown.
      return listNewest(this, ctx, read, ({ profile }) => (profile.is_suspended ? undefined : faceOf(profile)));
    },
    listMutes(ctx) {
      return listFaces(this, ctx, (before, limit) => mutes.page(this.sql, ctx.meta.viewer.id, before, limit));
    },

    async followerIds(ctx) {
      const { user_id, after, upto, limit } = ctx.params;
      const found = await lists.followerIds(this.sql, user_id, { after, upto }, limit + 1);
      return { user_ids: found.slice(0, limit), has_more: found.length > limit };
    },
    async followersAmong(ctx) {
      return { user_ids: await lists.followersAmong(this.sql, ctx.params.user_id, ctx.params.among) };
    },
    async followerCount(ctx) {
      const { follower_count } = await people.countsOf(this.sql.at(ctx.params.user_id), ctx.params.user_id);
      return { follower_count };
    },
    feedSources(ctx) {
      return feedSources(this.sql, ctx.params.user_id);
    },
    async followingVersion(ctx) {
      const { user_id } = ctx.params;
      return { following_version: await people.followingVersion(this.sql.at(user_id), user_id) };
    },
  },

  channels: {
    async "user.updated"({ data }, ctx) {
      if (!data.is_private) await doTwice(this, ctx.call.bind(ctx), data.user_id, "opened");
    },
    async "user.deleted"({ data }, ctx) {
      await doTwice(this, ctx.call.bind(ctx), data.user_id, "deleted");
    },
    async "follow.accepted"(event) {
      if (await countFollower(this, event, 1)) this.figures.countFollow();
    },
    async "follow.removed"(event) {
      if (await countFollower(this, event, -1)) this.figures.countUnfollow();
    },
    async "block.created"({ data }) {
      await mirrorBlock(this, data.user_id, data.blocked_id);
    },
    async "block.removed"({ data }) {
      await mirrorBlock(this, data.user_id, data.blocked_id);
    },
    async "post.created"(event) {
      await countPost(this, event, 1);
    },
    async "post.deleted"(event) {
      await countPost(this, event, -1);
    },
  },

  created() {
    this.stamps = stampsOf(this.broker);
    this.relations = relationsOf<Relation>(this.broker);
    this.figures = graphMetrics(this.broker);
  },

  async started() {
    const round = (): void => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.logger.warn("A sweep failed; the next one goes on.", error))
        .finally(() => (this.sweeping = undefined));
    };
    round();
    this.timer = setInterval(round, configOf(this.broker).sweepSeconds * 1000).unref();
  },

  async stopped() {
    clearInterval(this.timer);
    await this.sweeping;
  },
});
