import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { exactly } from "./exactly";
import { codeOf, type MinioBucket } from "./minio-bucket";
import { MinioMultipart, type StoredPart } from "./minio-multipart";
import { PartsMissingError } from "./object-errors";
import { requireKey } from "./object-key";
import type { ObjectFacts } from "./object-store";
import type { Part, PartUpload, PartUploads } from "./part-uploads";
import { presignPart } from "./presign-part";

/** Uploads in parts that clients send straight to MinIO, by URLs signed here. */
export class MinioPartUploads implements PartUploads {
  private readonly multipart: MinioMultipart;

  /** @param publicOrigin where clients reach MinIO. */
  constructor(
    private readonly bucket: MinioBucket,
    private readonly publicOrigin: URL,
  ) {
    this.multipart = new MinioMultipart(bucket);
  }

  async begin(key: string): Promise<PartUpload> {
    requireKey(key);
    return { key, name: await this.multipart.begin(key) };
  }

  async url(upload: PartUpload, part: Part, seconds: number): Promise<string> {
    return presignPart(this.bucket.address, this.publicOrigin, upload, part, seconds);
  }

  async put({ key, name }: PartUpload, part: Part, body: Readable): Promise<void> {
    await this.multipart.putPart(key, name, part.number, await buffer(exactly(body, part.sizeBytes)));
  }

  async stored(upload: PartUpload, parts: readonly Part[]): Promise<ReadonlySet<number>> {
    const found = await this.whole(upload, parts);
    return new Set(found.map(({ part }) => part));
  }

  async complete(upload: PartUpload, parts: readonly Part[]): Promise<ObjectFacts> {
    const found = await this.whole(upload, parts);
    if (found.length < parts.length) {
      const numbers = new Set(found.map(({ part }) => part));
      throw new PartsMissingError(parts.map(({ number }) => number).filter((number) => !numbers.has(number)));
    }
    try {
      const etag = await this.multipart.complete(upload.key, upload.name, found);
      return { sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), etag };
    } catch (error) {
      // Joined or ended by somebody else, or a part was replaced meanwhile.
      if (["NoSuchUpload", "InvalidPart"].includes(codeOf(error)))
        throw new PartsMissingError(parts.map(({ number }) => number));
      throw error;
    }
  }

  /** In order. */
  private async whole(upload: PartUpload, parts: readonly Part[]): Promise<StoredPart[]> {
    const stored = new Map((await this.multipart.list(upload.key, upload.name)).map((part) => [part.part, part]));
    return parts
      .map(({ number, sizeBytes }) => ({ found: stored.get(number), sizeBytes }))
      .flatMap(({ found, sizeBytes }) => (found?.size === sizeBytes ? [found] : []));
  }
}
