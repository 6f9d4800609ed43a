import { Client, S3Error } from "minio";
import { DomainError, UnavailableError } from "../../lib/errors";
import type { MinioAddress } from "./minio-address";
import { timedTransport, timeLimits } from "./timed-transport";

/** MinIO's client, with what it has and does not offer. */
class S3Client extends Client {
  override listParts(bucket: string, key: string, uploadId: string) {
    return super.listParts(bucket, key, uploadId);
  }
}

/** The server could not be reached, or said that it cannot now. */
const passing = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "SlowDown",
  "ServiceUnavailable",
  "InternalError",
  "RequestTimeout",
  "XMinioServerNotInitialized",
]);
/** A connection that was kept open may turn out closed by the time it is used again. */
const closedBefore = new Set(["ECONNRESET", "EPIPE"]);

/** The one bucket of this system on a MinIO, or any other S3. */
export class MinioBucket {
  readonly name: string;
  private readonly client: S3Client;

  constructor(
    readonly address: MinioAddress,
    limits = timeLimits,
  ) {
    const { origin, accessKey, secretKey, bucket, region } = address;
    const useSSL = origin.protocol === "https:";
    this.name = bucket;
    this.client = new S3Client({
      endPoint: origin.hostname.replace(/^\[|\]$/g, ""),
      port: origin.port === "" ? (useSSL ? 443 : 80) : Number(origin.port),
      useSSL,
      accessKey,
      secretKey,
      region,
      transport: timedTransport(useSSL, limits),
      // It prints each attempt, and makes one text of every error.
      retryOptions: { disableRetry: true },
    });
  }

  /** Asks what may be asked twice. @throws {UnavailableError} where the server cannot be reached, in a bounded time. */
  async ask<T>(question: (client: S3Client, bucket: string) => Promise<T>): Promise<T> {
    try {
      return await question(this.client, this.name).catch((error: unknown) => {
        if (closedBefore.has(codeOf(error))) return question(this.client, this.name);
        throw error;
      });
    } catch (error) {
      throw asUnavailable(error);
    }
  }
}

/** S3's own name of what went wrong, or the system's. Empty where it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

export function isMissing(error: unknown): boolean {
  return ["NoSuchKey", "NotFound"].includes(codeOf(error));
}

export function asUnavailable(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  // Of an answer of 5xx the client keeps only this text.
  const isRefusal =
    !(error instanceof S3Error) && error instanceof Error && /^Request failed after/.test(error.message);
  return isRefusal || passing.has(codeOf(error)) ? Object.assign(new UnavailableError(), { cause: error }) : error;
}
