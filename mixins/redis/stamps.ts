import type { ServiceBroker } from "moleculer";
import { UnavailableError } from "../../lib/errors";
import { backendOf } from "./backend";

/** What is remembered of a thing holds for so long at the most, also where whoever changed it could not tell. */
export const STAMP_LIFE_MS = 15_000;

/**
 * Tells whether what a process remembers still holds. A thing's stamp is taken before the thing is read, and what was read is
 * remembered under it. Whoever changes the thing takes the stamp away after the commit and before the answer: the next reader
 * finds another, and one that never was there before.
 */
export interface Stamps {
  /** In the order asked: a thing without a stamp is given one. Undefined while they cannot be had. */
  read(names: readonly string[]): Promise<string[] | undefined>;
  /** What was read of these before is not used any more. @throws {UnavailableError} */
  touch(names: Iterable<string>): Promise<void>;
}

/** Everything that is shown in a feed, by what changes it. */
export const stampOf = {
  /** The document: its text, counters, archiving and deletion. */
  post: (postId: string) => `stamp:post:${postId}`,
  /** The author's profile and uploads. */
  author: (userId: number) => `stamp:author:${userId}`,
  /** What is the viewer's own: follows, mutes and blocks, hidden, liked and saved posts. */
  viewer: (userId: number) => `stamp:viewer:${userId}`,
  /** Which pulled posts there are. */
  pulled: "stamp:pulled",
} as const;

export function stampsOf(broker: ServiceBroker): Stamps {
  return backendOf(broker).stamps();
}

/** For a change that stands: where it cannot be told, what is remembered of before ends with its life. */
export async function touch(stamps: Stamps, names: Iterable<string>): Promise<void> {
  try {
    await stamps.touch(names);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}
