import { createHmac, timingSafeEqual } from "node:crypto";
import type { SigningKeys } from "../../lib/signing-keys";

/** URLs made within so many seconds are the same, so that a browser's cache finds what it has. */
const STABLE_SECONDS = 300;

/** Makes and checks URLs of media that not everybody may see. Their signature is `<kid>.<base64url of the HMAC-SHA256>`. */
export class UrlSigner {
  constructor(
    private readonly keys: SigningKeys,
    private readonly lifeSeconds: number,
  ) {}

  /** When what is signed now runs out: after at most `lifeSeconds`. In seconds since 1970. */
  expiresAt(nowMs: number): number {
    const stable = Math.min(STABLE_SECONDS, Math.floor(this.lifeSeconds / 4));
    return Math.floor(nowMs / 1000 / stable) * stable + this.lifeSeconds;
  }

  /** A path that is good for at most `lifeSeconds`. Only after the viewer was found to be allowed to look. */
  sign(mediaId: string, file: string, nowMs: number): string {
    const expires = this.expiresAt(nowMs);
    const { kid, key } = this.keys.newest;
    const mac = createHmac("sha256", key)
      .update(signed(mediaId, file, expires))
      .digest("base64url");
    return `/media/${mediaId}/${file}?expires=${expires}&signature=${kid}.${mac}`;
  }

  /** Seconds that are left, or undefined for what was not signed here or has run out. */
  remaining(url: { media_id: string; name: string; expires: number; signature: string }, nowMs: number) {
    const dot = url.signature.lastIndexOf(".");
    const key = this.keys.find(url.signature.slice(0, Math.max(0, dot)));
    if (key === undefined) return undefined;
    const mac = createHmac("sha256", key)
      .update(signed(url.media_id, url.name, url.expires))
      .digest("base64url");
    const left = url.expires - Math.floor(nowMs / 1000);
    return isSame(mac, url.signature.slice(dot + 1)) && left > 0 ? left : undefined;
  }
}

function signed(mediaId: string, file: string, expires: number): string {
  return `${mediaId}/${file}/${expires}`;
}

/** In a time that tells nothing of where two texts differ. */
export function isSame(one: string, other: string): boolean {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.length === b.length && timingSafeEqual(a, b);
}
