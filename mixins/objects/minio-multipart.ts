import { codeOf, type MinioBucket } from "./minio-bucket";

/** Beside the object to be, while it is brought in parts: no key holds it. */
const MARK = "~";

export interface StoredPart {
  part: number;
  etag: string;
  size: number;
}

/**
 * S3's uploads in parts. MinIO does not list those under a prefix, so each has an empty object beside it that names it: whoever
 * removes what begins so finds and ends the upload too.
 */
export class MinioMultipart {
  constructor(private readonly bucket: MinioBucket) {}

  /** The name by which S3 knows this upload. */
  async begin(key: string, contentType?: string): Promise<string> {
    const headers: Record<string, string> = contentType === undefined ? {} : { "Content-Type": contentType };
    const uploadId = await this.bucket.ask((client, bucket) => client.initiateNewMultipartUpload(bucket, key, headers));
    try {
      await this.bucket.ask((client, bucket) => client.putObject(bucket, markOf(key, uploadId), Buffer.alloc(0), 0));
      return uploadId;
    } catch (error) {
      await this.abort(key, uploadId).catch(() => undefined);
      throw error;
    }
  }

  async putPart(key: string, uploadId: string, partNumber: number, bytes: Buffer): Promise<StoredPart> {
    const { etag } = await this.bucket.ask((client, bucketName) =>
      client.uploadPart({ bucketName, objectName: key, uploadID: uploadId, partNumber, headers: {} }, bytes),
    );
    return { part: partNumber, etag, size: bytes.length };
  }

  /** None where the upload is ended, or there never was one. */
  async list(key: string, uploadId: string): Promise<StoredPart[]> {
    try {
      return await this.bucket.ask((client, bucket) => client.listParts(bucket, key, uploadId));
    } catch (error) {
      if (codeOf(error) === "NoSuchUpload") return [];
      throw error;
    }
  }

  /** The object's ETag. */
  async complete(key: string, uploadId: string, parts: readonly Pick<StoredPart, "part" | "etag">[]): Promise<string> {
    const etags = parts.map(({ part, etag }) => ({ part, etag }));
    const { etag } = await this.bucket.ask((client, bucket) =>
      client.completeMultipartUpload(bucket, key, uploadId, etags),
    );
    await this.removeMark(key, uploadId);
    return etag;
  }

  async abort(key: string, uploadId: string): Promise<void> {
    try {
      await this.bucket.ask((client, bucket) => client.abortMultipartUpload(bucket, key, uploadId));
    } catch (error) {
      if (codeOf(error) !== "NoSuchUpload") throw error;
    }
    await this.removeMark(key, uploadId);
  }

  private removeMark(key: string, uploadId: string): Promise<void> {
    return this.bucket.ask((client, bucket) => client.removeObject(bucket, markOf(key, uploadId)));
  }
}

function markOf(key: string, uploadId: string): string {
  return `${key}${MARK}${uploadId}`;
}

/** The upload that an object's name marks. Undefined for an object of somebody's. */
export function markedUpload(name: string): { key: string; uploadId: string } | undefined {
  const at = name.indexOf(MARK);
  return at < 0 ? undefined : { key: name.slice(0, at), uploadId: name.slice(at + MARK.length) };
}
