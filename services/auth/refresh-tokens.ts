import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * A refresh token is `<user_id>.<session_id>.<32 bytes base64url>`. Half of the bytes are random, half sign them with the key of
 * the session's family: whatever the family ever issued is known as its own, without a list, and what was made up is not.
 */
export interface RefreshToken {
  user_id: number;
  session_id: string;
  bytes: Buffer;
}

const RANDOM_BYTES = 16;

export function newFamilyKey(): Buffer {
  return randomBytes(32);
}

export function issue(userId: number, sessionId: string, familyKey: Buffer): { token: string; hash: Buffer } {
  const random = randomBytes(RANDOM_BYTES);
  const bytes = Buffer.concat([random, signature(random, familyKey)]);
  return { token: `${userId}.${sessionId}.${bytes.toString("base64url")}`, hash: hashOf(bytes) };
}

/** Undefined for what has not the shape of one. */
export function parse(token: string): RefreshToken | undefined {
  const [, user, session_id, secret] = /^([1-9]\d{0,15})\.([0-9a-f]{24})\.([\w-]{43})$/.exec(token) ?? [];
  const user_id = Number(user);
  if (session_id === undefined || secret === undefined || !Number.isSafeInteger(user_id)) return undefined;
  return { user_id, session_id, bytes: Buffer.from(secret, "base64url") };
}

export function isIssuedBy(familyKey: Buffer, bytes: Buffer): boolean {
  return timingSafeEqual(bytes.subarray(RANDOM_BYTES), signature(bytes.subarray(0, RANDOM_BYTES), familyKey));
}

/** What is kept of a token. It holds 128 random bits, so a plain hash cannot be searched. */
export function hashOf(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function signature(random: Buffer, familyKey: Buffer): Buffer {
  return createHmac("sha256", familyKey).update(random).digest().subarray(0, 16);
}
