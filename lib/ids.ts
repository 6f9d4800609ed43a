import { randomBytes } from "node:crypto";

/** A user's id: a random positive number of 52 bits. Exact in JSON, needs no coordination, tells nobody how many there are. */
export function newUserId(): number {
  const bytes = randomBytes(7);
  const id = (bytes.readUInt8(0) & 0x0f) * 2 ** 48 + bytes.readUIntBE(1, 6);
  return id === 0 ? newUserId() : id;
}

/** An id of anything but a user: 24 lower-case hex, shaped as an ObjectId (seconds first, so that ids made later sort later). */
export function newId(nowMs: number = Date.now()): string {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0");
  return seconds + randomBytes(8).toString("hex");
}
