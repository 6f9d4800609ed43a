import type { Readable } from "node:stream";

export interface ObjectFacts {
  sizeBytes: number;
  /** Strong, unquoted. */
  etag: string;
}

export interface ByteRange {
  /** Both inclusive, 0-based. */
  start: number;
  end: number;
}

/** Bytes under a key such as `media/<id>/w640.webp`. A key is written once or replaced whole; a reader never sees half an object. */
export interface ObjectStore {
  /** Stores the stream to its end, then makes it visible at once. Rejects, storing nothing, when the stream fails or passes `maxBytes`. */
  put(
    key: string,
    body: Readable | Buffer,
    options?: { maxBytes?: number; contentType?: string },
  ): Promise<ObjectFacts>;
  /** Undefined where there is none. */
  stat(key: string): Promise<ObjectFacts | undefined>;
  /** @throws {ObjectMissingError} where there is none. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Removes every object whose key begins so. None is no error. */
  removePrefix(prefix: string): Promise<void>;
  /** Copies an object to a file on this machine (a decoder needs to seek), and removes it when `work` is done. */
  withFile<T>(key: string, work: (path: string) => Promise<T>): Promise<T>;
}
