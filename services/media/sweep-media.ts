import { callerOf } from "../define-service";
import { settleAvatars } from "./claim-avatar";
import * as claims from "./claims.repository";
import * as jobs from "./jobs.repository";
import { type MediaParts, originalKey } from "./media-parts";
import { collectUnused, removeLeftovers } from "./remove-media";

/** A post that was not written an hour after it reserved its media never was; should it still come, it confirms them again. */
const ABANDONED_SECONDS = 3_600;
const ORIGINALS = 200;

const steps: readonly ((parts: MediaParts) => Promise<void>)[] = [
  takeUpWork,
  ({ sql }) => claims.releaseAbandoned(sql, ABANDONED_SECONDS),
  (parts) => settleAvatars(parts, callerOf(parts.broker)),
  collectUnused,
  removeLeftovers,
  removeOriginals,
];

/** Puts right what a crash, an abandoned upload or a lost claim leaves behind. Every node may do so at once. */
export async function sweepMedia(parts: MediaParts): Promise<void> {
  for (const step of steps) {
    await step(parts).catch((error: unknown) => parts.logger.warn("A part of the sweep failed:", error));
  }
}

/** What nobody works on: a node died, or had too much to do. */
export async function takeUpWork({ sql, queue }: MediaParts): Promise<void> {
  for (const id of await jobs.waiting(sql, queue.room)) queue.add(id);
}

async function removeOriginals({ sql, objects }: MediaParts): Promise<void> {
  for (const id of await jobs.withOriginal(sql, ORIGINALS)) {
    await objects.removePrefix(originalKey(id));
    await jobs.originalRemoved(sql, id);
  }
}
