import { configOf } from "../../lib/config";
import { channels, channelCollections } from "../../mixins/channels";
import { documents } from "../../mixins/documents";
import { type Stamps, stampsOf } from "../../mixins/redis";
import { defineService } from "../define-service";
import { addComment } from "./add-comment";
import { ChangedPosts } from "./changed-posts";
import { collections } from "./collections";
import { createPost } from "./create-post";
import { deleteComment } from "./delete-comment";
import { deletePost } from "./delete-post";
import { findVisible } from "./find-post";
import { forgetUser } from "./forget-user";
import { setCommentLike } from "./like-comment";
import { setLike } from "./like-post";
import { listComments } from "./list-comments";
import { listLikes } from "./list-likes";
import { listPostsOfHashtag, listPostsOfUser, listSavedPosts } from "./list-posts";
import { registerPostMetrics } from "./post-metrics";
import { postsContract } from "./posts.contract";
import * as posts from "./posts.repository";
import { presentPost, presentPosts } from "./present-posts";
import { markPosts } from "./mark-posts";
import { countersOf } from "./read-counters";
import { savePost, unsavePost } from "./save-post";
import { sweep } from "./sweep";
import { Sweeper } from "./sweeper";
import { touchingStore } from "./touching-store";
import { setHidden, updatePost } from "./update-post";
import { viewPost } from "./view-post";

/** Posts, comments, likes, saves and views. Sole owner of the documents. */
export default defineService(postsContract, {
  mixins: [documents("posts", { ...collections, ...channelCollections }), channels("documents")],
  dependencies: ["media", "graph", "auth"],
  state: {} as { sweeper: Sweeper; stamps: Stamps; changed: ChangedPosts },
  methods: {},

  actions: {
    create(ctx) {
      return createPost(this, ctx, ctx.params);
    },

    async get(ctx) {
      const post = await findVisible(this.documents, ctx, ctx.params.post_id);
      return presentPost(this.documents, ctx, post);
    },

    async getMany(ctx) {
      const found = await posts.getMany(this.documents, ctx.params.post_ids);
      const presented = await presentPosts(this.documents, ctx, found);
      return { posts: presented.filter((post) => post !== undefined) };
    },

    async mark(ctx) {
      return { posts: await markPosts(this.documents, ctx, ctx.params.post_ids) };
    },

    update(ctx) {
      return updatePost(this, ctx, ctx.params.post_id, ctx.params);
    },

    async delete(ctx) {
      await deletePost(this, ctx, ctx.params.post_id);
      return {};
    },

    listByUser(ctx) {
      return listPostsOfUser(this, ctx, ctx.params.user_id, ctx.params);
    },

    listByHashtag(ctx) {
      return listPostsOfHashtag(this, ctx, ctx.params.hashtag, ctx.params);
    },

    async stats(ctx) {
      const { like_count, comment_count, view_count } = await findVisible(this.documents, ctx, ctx.params.post_id);
      return { like_count, comment_count, view_count };
    },

    async statsMany(ctx) {
      return { stats: await countersOf(this.documents, ctx, ctx.params.post_ids) };
    },

    like(ctx) {
      return setLike(this, ctx, ctx.params.post_id, true);
    },

    unlike(ctx) {
      return setLike(this, ctx, ctx.params.post_id, false);
    },

    listLikes(ctx) {
      return listLikes(this, ctx, ctx.params);
    },

    addComment(ctx) {
      return addComment(this, ctx, ctx.params);
    },

    listComments(ctx) {
      return listComments(this, ctx, ctx.params);
    },

    async deleteComment(ctx) {
      await deleteComment(this, ctx, ctx.params.post_id, ctx.params.comment_id);
      return {};
    },

    likeComment(ctx) {
      return setCommentLike(this, ctx, ctx.params.comment_id, true);
    },

    unlikeComment(ctx) {
      return setCommentLike(this, ctx, ctx.params.comment_id, false);
    },

    view(ctx) {
      return viewPost(this, ctx, ctx.params.post_id);
    },

    archive(ctx) {
      return setHidden(this, ctx, ctx.params.post_id, true);
    },

    unarchive(ctx) {
      return setHidden(this, ctx, ctx.params.post_id, false);
    },

    async save(ctx) {
      await savePost(this, ctx, ctx.params.post_id);
      return {};
    },

    async unsave(ctx) {
      await unsavePost(this, ctx, ctx.params.post_id);
      return {};
    },

    listSaved(ctx) {
      return listSavedPosts(this, ctx, ctx.params);
    },

    async newestByAuthors(ctx) {
      const { user_ids, limit, before } = ctx.params;
      const position = before && { created_at: new Date(before.created_at), id: before.post_id };
      const found = await posts.newestByAuthors(this.documents, { user_ids, limit, before: position });
      return {
        posts: found.map(({ _id, user_id, created_at }) => ({
          post_id: _id,
          user_id,
          created_at: created_at.toISOString(),
        })),
      };
    },
  },

  channels: {
    async "user.deleted"(event) {
      await forgetUser(this, event.data.user_id);
    },
  },

  created() {
    registerPostMetrics(this.broker);
    this.stamps = stampsOf(this.broker);
    this.changed = new ChangedPosts(this.broker);
  },

  async started() {
    this.documents = touchingStore(this.documents, this.stamps);
    this.sweeper = new Sweeper(
      () => sweep(this),
      configOf(this.broker).sweepSeconds * 1000,
      (error) => this.logger.error("A round of the sweeper failed; the next one tries again.", error),
    );
    this.sweeper.start();
  },

  async stopped() {
    this.changed.stop();
    await this.sweeper?.stop();
  },
});
