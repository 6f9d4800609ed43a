import { hash } from "node:crypto";

const digests = new WeakMap<Buffer, string>();

/** Names these bytes, so that whoever has them need not be sent them again. Worked out once, for who holds the same bytes. */
export function digestOf(page: Buffer): string {
  const known = digests.get(page);
  if (known !== undefined) return known;
  const digest = hash("sha256", page, "base64url");
  digests.set(page, digest);
  return digest;
}
