/**
 * PostgreSQL's own hash partition function (access/hashfn.h, partitioning/partbounds.c), so that a key's shard is known without
 * asking: a bigint key goes where `PARTITION BY HASH (key)` of a bigint column puts it, a string where that of a text column does.
 */
export function shardOf(key: number | string, shards: number): number {
  if (shards === 1) return 0;
  if (typeof key === "string") hashText(key);
  else hashBigint(key);
  return remainderOfCombined(shards);
}

/** HASH_PARTITION_SEED, in halves of 32 bits. */
const SEED_HIGH = 0x7a5b2236;
const SEED_LOW = 0x7996dcfd;
/** What hash_combine64 adds to a hash that it combines with nothing yet. */
const COMBINE_HIGH = 0x49a0f4dd;
const COMBINE_LOW = 0x15e5a8e3;

/** The state of Bob Jenkins' lookup3: the hash is b (high half) and c (low half). In the module, to allocate nothing per key. */
let a = 0;
let b = 0;
let c = 0;

/** hashint8extended. */
function hashBigint(key: number): void {
  if (!Number.isSafeInteger(key)) throw new RangeError(`${key} is no key: it is not an exact integer.`);
  const high = Math.floor(key / 2 ** 32) | 0;
  const low = key | 0;
  start(4);
  a = (a + (low ^ (key >= 0 ? high : ~high))) | 0;
  finish();
}

/** hashtextextended, under any deterministic collation. */
function hashText(key: string): void {
  const bytes = Buffer.from(key, "utf8");
  start(bytes.length);
  let at = 0;
  for (; bytes.length - at >= 12; at += 12) {
    a = (a + bytes.readInt32LE(at)) | 0;
    b = (b + bytes.readInt32LE(at + 4)) | 0;
    c = (c + bytes.readInt32LE(at + 8)) | 0;
    mix();
  }
  // Of the last word the lowest byte stays free: there the length was added.
  const rest = (index: number, shift: number): number => (bytes[at + index] ?? 0) << shift;
  a = (a + (rest(0, 0) | rest(1, 8) | rest(2, 16) | rest(3, 24))) | 0;
  b = (b + (rest(4, 0) | rest(5, 8) | rest(6, 16) | rest(7, 24))) | 0;
  c = (c + (rest(8, 8) | rest(9, 16) | rest(10, 24))) | 0;
  finish();
}

function start(lengthBytes: number): void {
  a = b = c = (0x9e3779b9 + lengthBytes + 3923095) | 0;
  a = (a + SEED_HIGH) | 0;
  b = (b + SEED_LOW) | 0;
  mix();
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function mix(): void {
  a = ((a - c) ^ rotate(c, 4)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 6)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 8)) | 0;
  b = (b + a) | 0;
  a = ((a - c) ^ rotate(c, 16)) | 0;
  c = (c + b) | 0;
  b = ((b - a) ^ rotate(a, 19)) | 0;
  a = (a + c) | 0;
  c = ((c - b) ^ rotate(b, 4)) | 0;
  b = (b + a) | 0;
}

function finish(): void {
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
}

/** (hash + constant) modulo 2^64, modulo the number of shards; exact below 2^20 shards. */
function remainderOfCombined(shards: number): number {
  const low = (c >>> 0) + COMBINE_LOW;
  const high = ((b >>> 0) + COMBINE_HIGH + (low >= 2 ** 32 ? 1 : 0)) % 2 ** 32;
  return ((high % shards) * (2 ** 32 % shards) + ((low % 2 ** 32) % shards)) % shards;
}
