import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../postgres/log";
import { UnavailableError } from "../../lib/errors";
import { codeOf, type MinioBucket } from "./minio-bucket";

const ATTEMPTS = 5;
const PAUSE_MS = 1_000;

/** One of S3's permissions, as much of it as is looked at here. */
interface Statement {
  Effect?: string;
  Principal?: unknown;
  Condition?: unknown;
}

/**
 * Makes the bucket where it is missing, and takes from one that exists what lets strangers in: originals lie in it, and what private
 * accounts show. Many nodes may do so at once. @throws {UnavailableError} when the server does not answer within some seconds.
 */
export async function makeBucket(bucket: MinioBucket, log: Pick<Log, "warn">): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await makeMissing(bucket);
      await shutOutStrangers(bucket, log);
      return;
    } catch (error) {
      // A fleet starts together: MinIO may be a moment later.
      if (!(error instanceof UnavailableError) || attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

async function makeMissing(bucket: MinioBucket): Promise<void> {
  if (await bucket.ask((client, name) => client.bucketExists(name))) return;
  try {
    await bucket.ask((client, name) => client.makeBucket(name, bucket.address.region));
  } catch (error) {
    // Another node was faster. "BucketAlreadyExists", somebody else's bucket, is an error.
    if (codeOf(error) !== "BucketAlreadyOwnedByYou") throw error;
  }
}

async function shutOutStrangers(bucket: MinioBucket, log: Pick<Log, "warn">): Promise<void> {
  const policy = await policyOf(bucket, log);
  if (policy === undefined) return;
  const { Statement: found = [], ...rest } = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  const statements = Array.isArray(found) ? found : [found];
  const kept = statements.filter((statement) => !isForEverybody(statement));
  if (kept.length === statements.length) return;
  const left = kept.length === 0 ? "" : JSON.stringify({ ...rest, Statement: kept });
  await bucket.ask((client, name) => client.setBucketPolicy(name, left));
  log.warn(`The bucket ${bucket.name} let everybody in: that part of its policy was removed.`);
}

async function policyOf(bucket: MinioBucket, log: Pick<Log, "warn">): Promise<string | undefined> {
  try {
    return await bucket.ask((client, name) => client.getBucketPolicy(name));
  } catch (error) {
    if (codeOf(error) === "NoSuchBucketPolicy") return undefined;
    if (codeOf(error) !== "AccessDenied") throw error;
    log.warn(
      `The policy of the bucket ${bucket.name} may not be read by this key: make sure that it lets no strangers in.`,
    );
    return undefined;
  }
}

/** What carries a condition, such as a network's addresses, somebody has thought about. */
function isForEverybody({ Effect, Principal, Condition }: Statement): boolean {
  if (Effect !== "Allow" || Condition !== undefined) return false;
  const named = typeof Principal === "object" && Principal !== null ? Object.values(Principal).flat() : [Principal];
  return named.includes("*");
}
