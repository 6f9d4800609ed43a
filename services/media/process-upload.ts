import { randomBytes } from "node:crypto";
import { stampOf, touch } from "../../mixins/redis";
import * as jobs from "./jobs.repository";
import type { Job, Lease, Processed } from "./jobs.repository";
import { makeFiles } from "./make-files";
import * as media from "./media.repository";
import { type MediaParts, originalKey, prefixOf } from "./media-parts";
import { DecoderMissingError, MediaFailure } from "./media-failure";

/** Renewed while the work goes on: what dies at it is taken up by another so much later. */
export const LEASE_SECONDS = 30;
/** A file that killed three workers is given up, lest it kill them all. */
const MOST_ATTEMPTS = 3;
const RETRY_SECONDS = 10;
const GIVEN_UP = "This file could not be processed.";

/** Makes the renditions of one upload, if nobody else is at it. What fails is logged, and tried again by the sweeper. */
export async function processUpload(parts: MediaParts, mediaId: string): Promise<void> {
  const lease = { media_id: mediaId, worker: randomBytes(8).toString("hex") };
  try {
    const job = await jobs.take(parts.sql, lease, LEASE_SECONDS);
    if (job !== undefined) await work(parts, lease, job);
  } catch (error) {
    parts.logger.error(`Work on the upload ${mediaId} broke:`, error);
  }
}

async function work(parts: MediaParts, lease: Lease, { media: row, attempts }: Job): Promise<void> {
  if (attempts > MOST_ATTEMPTS) return end(parts, lease, GIVEN_UP);
  parts.leases.add(lease);
  const keeper = setInterval(() => void renew(parts, lease), (LEASE_SECONDS * 1000) / 3);
  try {
    return await end(parts, lease, await makeFiles(parts, row));
  } catch (error) {
    if (isFinal(error)) return await end(parts, lease, error.message);
    if (attempts >= MOST_ATTEMPTS) await end(parts, lease, GIVEN_UP);
    else await jobs.postpone(parts.sql, lease, RETRY_SECONDS * attempts);
    throw error;
  } finally {
    clearInterval(keeper);
    parts.leases.delete(lease);
  }
}

/** The file, not the moment, is at fault: the message is for people. */
function isFinal(error: unknown): error is Error {
  return [MediaFailure, DecoderMissingError].some((kind) => error instanceof kind);
}

async function renew({ sql, logger }: MediaParts, lease: Lease): Promise<void> {
  await jobs.renew(sql, lease, LEASE_SECONDS).catch((error: unknown) => {
    logger.warn(`The lease of the upload ${lease.media_id} could not be renewed:`, error);
  });
}

/** Stores how it ended, a text being the reason of a failure, and removes the original: it tells where a picture was taken. */
async function end(parts: MediaParts, lease: Lease, outcome: Processed | string): Promise<void> {
  const { sql, objects } = parts;
  const { media_id } = lease;
  const isFailed = typeof outcome === "string";
  const ownerId = await sql.at(media_id).transaction(async (tx) => {
    const user_id = await (isFailed ? jobs.fail(tx, lease, outcome) : jobs.finish(tx, lease, outcome));
    if (user_id === undefined) return undefined;
    await parts.publish(tx, "media.processed", { media_id, user_id, status: isFailed ? "failed" : "ready" });
    return user_id;
  });
  if (ownerId === undefined) return dropIfDeleted(parts, media_id);
  await touch(parts.stamps, [stampOf.author(ownerId)]);
  await objects.removePrefix(isFailed ? prefixOf(media_id) : originalKey(media_id));
  await jobs.originalRemoved(sql, media_id);
}

/** The upload was deleted meanwhile, or another worker has it now, who writes the same objects. */
async function dropIfDeleted({ sql, objects }: MediaParts, mediaId: string): Promise<void> {
  if ((await media.find(sql, mediaId)) === undefined) await objects.removePrefix(prefixOf(mediaId));
}

/** Leaves what is still at work to others, at once. */
export async function giveBackWork({ sql, leases }: MediaParts): Promise<void> {
  await Promise.all([...leases].map((lease) => jobs.giveBack(sql, lease)));
}
