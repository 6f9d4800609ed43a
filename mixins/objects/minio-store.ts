import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Block, blocksOf } from "./blocks-of";
import { asUnavailable, codeOf, isMissing, type MinioBucket } from "./minio-bucket";
import { markedUpload, MinioMultipart, type StoredPart } from "./minio-multipart";
import { ObjectMissingError } from "./object-errors";
import { requireKey, requirePrefix } from "./object-key";
import type { ByteRange, ObjectFacts, ObjectStore } from "./object-store";

/** What of one body is in memory at once, twice while it is sent. The same cut gives the same ETag. */
const BLOCK_BYTES = 8 * 1024 ** 2;
/** As many as S3 removes by one request. */
const REMOVED_AT_ONCE = 1000;

/** Objects in a bucket. What is larger than one block travels in parts, and is there once the last of them is. */
export class MinioStore implements ObjectStore {
  private readonly multipart: MinioMultipart;

  constructor(private readonly bucket: MinioBucket) {
    this.multipart = new MinioMultipart(bucket);
  }

  async put(
    key: string,
    body: Readable | Buffer,
    { maxBytes = Number.POSITIVE_INFINITY, contentType }: { maxBytes?: number; contentType?: string } = {},
  ): Promise<ObjectFacts> {
    try {
      requireKey(key);
      const blocks = blocksOf(body, BLOCK_BYTES, maxBytes);
      const { value: first } = (await blocks.next()) as { value: Block };
      return first.isLast
        ? await this.putWhole(key, first.bytes, contentType)
        : await this.putInParts(key, first, blocks, contentType);
    } catch (error) {
      if (body instanceof Readable) body.destroy();
      throw error;
    }
  }

  private async putWhole(key: string, bytes: Buffer, contentType: string | undefined): Promise<ObjectFacts> {
    const about = contentType === undefined ? {} : { "Content-Type": contentType };
    const { etag } = await this.bucket.ask((client, bucket) =>
      client.putObject(bucket, key, bytes, bytes.length, { ...about }),
    );
    return { sizeBytes: bytes.length, etag };
  }

  private async putInParts(
    key: string,
    first: Block,
    rest: AsyncIterable<Block>,
    contentType: string | undefined,
  ): Promise<ObjectFacts> {
    const uploadId = await this.multipart.begin(key, contentType);
    try {
      const parts: StoredPart[] = [await this.multipart.putPart(key, uploadId, 1, first.bytes)];
      for await (const { bytes } of rest) {
        parts.push(await this.multipart.putPart(key, uploadId, parts.length + 1, bytes));
      }
      const etag = await this.multipart.complete(key, uploadId, parts);
      return { sizeBytes: parts.reduce((sum, { size }) => sum + size, 0), etag };
    } catch (error) {
      // What cannot be ended now is found by its mark when the key's prefix is removed.
      await this.multipart.abort(key, uploadId).catch(() => undefined);
      throw error;
    }
  }

  async stat(key: string): Promise<ObjectFacts | undefined> {
    requireKey(key);
    try {
      const { size, etag } = await this.bucket.ask((client, bucket) => client.statObject(bucket, key));
      return { sizeBytes: size, etag };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    requireKey(key);
    if (range !== undefined && (range.start < 0 || range.end < range.start - 1))
      throw new RangeError(`No range of bytes: ${range.start}-${range.end}`);
    const length = range === undefined ? undefined : range.end - range.start + 1;
    try {
      // To the client no length means to the end.
      if (length === 0) return await this.nothingOf(key);
      return await this.bucket.ask((client, bucket) =>
        client.getPartialObject(bucket, key, range?.start ?? 0, length ?? 0),
      );
    } catch (error) {
      if (isMissing(error)) throw new ObjectMissingError(key);
      if (codeOf(error) === "InvalidRange") return Readable.from([], { objectMode: false });
      throw error;
    }
  }

  private async nothingOf(key: string): Promise<Readable> {
    if ((await this.stat(key)) === undefined) throw new ObjectMissingError(key);
    return Readable.from([], { objectMode: false });
  }

  async removePrefix(prefix: string): Promise<void> {
    requirePrefix(prefix);
    for (let isMore = true; isMore;) {
      // What was removed is listed no more: the first page is always the next one.
      const { objects, isTruncated } = await this.bucket.ask((client, bucket) =>
        client.listObjectsV2Query(bucket, prefix, "", "", REMOVED_AT_ONCE, ""),
      );
      await this.remove(objects.flatMap(({ name }) => name ?? []));
      isMore = isTruncated;
    }
  }

  private async remove(names: readonly string[]): Promise<void> {
    const whole: string[] = [];
    for (const name of names) {
      const unfinished = markedUpload(name);
      if (unfinished === undefined) whole.push(name);
      else await this.multipart.abort(unfinished.key, unfinished.uploadId);
    }
    if (whole.length === 0) return;
    // Typed otherwise, but these are S3's <Error>s themselves, and none where all went well.
    const failed: unknown[] = await this.bucket.ask((client, bucket) => client.removeObjects(bucket, whole));
    if (failed.length > 0)
      throw new Error(`${failed.length} of ${whole.length} objects could not be removed: ${JSON.stringify(failed[0])}`);
  }

  async withFile<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    requireKey(key);
    const folder = await mkdtemp(join(tmpdir(), "emulsion-object-"));
    try {
      const path = join(folder, "object");
      await pipeline(await this.read(key), createWriteStream(path)).catch((error: unknown) => {
        throw asUnavailable(error);
      });
      return await work(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
