import { configOf } from "../../lib/config";
import { signingKeys } from "../../lib/signing-keys";
import { channels } from "../../mixins/channels";
import { objects } from "../../mixins/objects";
import { postgres } from "../../mixins/postgres";
import { mediaUrlsOf, stampOf, stampsOf, touch } from "../../mixins/redis";
import { defineService } from "../define-service";
import { beginUpload } from "./begin-upload";
import { claimAvatar } from "./claim-avatar";
import { claimForPost } from "./claim-media";
import * as claims from "./claims.repository";
import { completeUpload } from "./complete-upload";
import { findFfmpeg } from "./find-ffmpeg";
import { JobQueue } from "./job-queue";
import { mediaContract } from "./media.contract";
import { MediaNotFoundError } from "./media.errors";
import type { MediaParts } from "./media-parts";
import * as media from "./media.repository";
import { locateMedia } from "./locate-media";
import { getManyMedia, getMedia, presentVisible } from "./present-media";
import { presentUpload } from "./present-upload";
import { giveBackWork, LEASE_SECONDS, processUpload } from "./process-upload";
import { readObject } from "./read-object";
import { deleteOfPost, deleteOfUser, deleteOwn } from "./remove-media";
import { UrlSigner } from "./sign-url";
import { sweepMedia, takeUpWork } from "./sweep-media";
import { takePart } from "./take-part";
import { takeUpload } from "./take-upload";
import { registerUploadMetrics } from "./upload-metrics";

/** Work on one picture takes less; a video is taken up again by whoever comes next. */
const STOP_GRACE_MS = 5_000;

interface State {
  parts: MediaParts;
  timers: NodeJS.Timeout[];
  sweeping: Promise<void> | undefined;
}

/** Uploads, their renditions, and who may have their bytes. Sole owner of the media table and of what lies under `media/`. */
export default defineService(mediaContract, {
  mixins: [postgres("media"), channels("postgres"), objects()],
  dependencies: ["graph", "auth"],
  state: {} as State,

  methods: {
    /** One round at a time, whoever asks. */
    sweep(): Promise<void> {
      this.sweeping ??= sweepMedia(this.parts).finally(() => (this.sweeping = undefined));
      return this.sweeping;
    },
  },

  actions: {
    async upload(ctx) {
      const { id: user_id } = ctx.meta.viewer;
      const row = await takeUpload(this.parts, { user_id, alt_text: ctx.params.alt_text ?? "" }, ctx.stream);
      return getMedia(this.parts, ctx, row.id);
    },
    presign(ctx) {
      return beginUpload(this.parts, ctx.meta.viewer.id, ctx.params);
    },
    getParts(ctx) {
      return presentUpload(this.parts, { id: ctx.params.media_id, user_id: ctx.meta.viewer.id });
    },
    async putPart(ctx) {
      await takePart(this.parts, ctx.params, ctx.stream);
      return {};
    },
    async complete(ctx) {
      const row = await completeUpload(this.parts, { id: ctx.params.media_id, user_id: ctx.meta.viewer.id });
      return getMedia(this.parts, ctx, row.id);
    },

    get(ctx) {
      return getMedia(this.parts, ctx, ctx.params.media_id);
    },
    async getMany(ctx) {
      return { media: await getManyMedia(this.parts, ctx, ctx.params.media_ids) };
    },
    async update(ctx) {
      const { media_id, alt_text } = ctx.params;
      const row = await media.setAltText(this.sql, { id: media_id, user_id: ctx.meta.viewer.id }, alt_text);
      if (row === undefined) throw new MediaNotFoundError();
      await this.parts.urls.forgetUpload(media_id);
      await touch(this.parts.stamps, [stampOf.author(ctx.meta.viewer.id)]);
      return getMedia(this.parts, ctx, media_id);
    },
    async delete(ctx) {
      await deleteOwn(this.parts, { id: ctx.params.media_id, user_id: ctx.meta.viewer.id });
      return {};
    },

    async claim(ctx) {
      const rows = await claimForPost(this.parts, { ...ctx.params, user_id: ctx.meta.viewer.id });
      return { media: await presentVisible(this.parts, ctx, rows) };
    },
    async claimAvatar(ctx) {
      const { media_id } = ctx.params;
      await claimAvatar(this.parts, ctx.call.bind(ctx), { media_id, user_id: ctx.meta.viewer.id });
      return {};
    },

    locate(ctx) {
      return locateMedia(this.parts, ctx, ctx.params);
    },
    read(ctx) {
      return readObject(this.parts, ctx.params);
    },
  },

  channels: {
    async "post.created"({ data: { post_id, user_id, media_ids } }) {
      for (const media_id of media_ids) await claims.confirm(this.sql, { media_id, user_id, post_id });
      await touch(this.parts.stamps, [stampOf.author(user_id)]);
    },
    async "post.updated"({ occurred_at: told_at, data: { post_id, user_id, media_ids, is_hidden: is_archived } }) {
      for (const media_id of media_ids) {
        await claims.noteArchived(this.sql, { media_id, user_id, post_id }, { is_archived, told_at });
        await this.parts.urls.forgetUpload(media_id);
      }
      await touch(this.parts.stamps, [stampOf.author(user_id)]);
    },
    async "post.deleted"({ data }) {
      await deleteOfPost(this.parts, data);
    },
    async "user.deleted"({ data }) {
      await deleteOfUser(this.parts, data.user_id);
    },
  },

  created() {
    registerUploadMetrics(this.broker);
  },

  async started() {
    const config = configOf(this.broker);
    const queue = new JobQueue(config.mediaJobs, (id) => processUpload(this.parts, id));
    this.parts = {
      broker: this.broker,
      logger: this.logger,
      config,
      sql: this.sql,
      objects: this.objects,
      urls: mediaUrlsOf(this.broker),
      stamps: stampsOf(this.broker),
      partUploads: this.partUploads,
      publish: this.publish.bind(this),
      signer: new UrlSigner(await signingKeys(config, "media"), config.mediaUrlSeconds),
      ffmpeg: findFfmpeg(config.searchPath),
      queue,
      leases: new Set(),
    };
    if (config.isProduction && this.parts.ffmpeg?.isBundled)
      this.logger.warn("FFmpeg comes from an npm package of 2018, unfit for strangers' videos: install the system's.");
    await takeUpWork(this.parts);
    // What died at work with this machine is free again once its lease has run out.
    const afterLease = setTimeout(() => void this.sweep(), (LEASE_SECONDS + 1) * 1000);
    this.timers = [afterLease, setInterval(() => void this.sweep(), config.sweepSeconds * 1000)];
  },

  async stopped() {
    for (const timer of this.timers ?? []) clearInterval(timer);
    if (this.parts === undefined) return;
    await this.sweeping;
    await this.parts.queue.stop(STOP_GRACE_MS);
    await giveBackWork(this.parts);
  },
});
