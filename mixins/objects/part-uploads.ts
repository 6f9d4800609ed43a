import type { Readable } from "node:stream";
import type { ObjectFacts } from "./object-store";

/** An object that is brought in parts: it is there once they are joined. */
export interface PartUpload {
  key: string;
  /** By which the store knows this upload. */
  name: string;
}

export interface Part {
  /** From 1 on, in the order in which they are joined. */
  number: number;
  /** At least `LEAST_PART_BYTES`, but for the last one. */
  sizeBytes: number;
}

/** S3's own limit. */
export const LEAST_PART_BYTES = 5 * 1024 ** 2;

/** Uploads that pause and go on, also on another day and node. `ObjectStore.removePrefix` of the key ends an unfinished one. */
export interface PartUploads {
  begin(key: string): Promise<PartUpload>;
  /** Where the store itself takes this part: a URL for one's PUT of just so many bytes. Undefined: `put` alone brings it. */
  url(upload: PartUpload, part: Part, seconds: number): Promise<string | undefined>;
  /** Stores a part, or replaces it. @throws {PartSizeError} where the body is not just as long as the part, and stores nothing. */
  put(upload: PartUpload, part: Part, body: Readable): Promise<void>;
  /** Numbers of those of the parts that are there whole. */
  stored(upload: PartUpload, parts: readonly Part[]): Promise<ReadonlySet<number>>;
  /** Makes the object of these parts. @throws {PartsMissingError} where one is not there whole, or the upload has ended. */
  complete(upload: PartUpload, parts: readonly Part[]): Promise<ObjectFacts>;
}
