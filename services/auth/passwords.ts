import bcrypt from "bcrypt";
import { randomBytes } from "node:crypto";
import { UnavailableError } from "../../lib/errors";

/** Below libuv's pool of 4 threads, which files and name look-ups need too: 32 hashings at once starve it for a second. */
const AT_ONCE = 2;
/** Who waited so long has given up: hashing for them would only delay the next. */
const MAX_WAIT_MS = 8_000;

let working = 0;
const waiting: (() => void)[] = [];

/** @throws {UnavailableError} when the turn came too late. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const asked = performance.now();
  if (working >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else working += 1;
  try {
    if (performance.now() - asked > MAX_WAIT_MS) throw new UnavailableError();
    return await work();
  } finally {
    // The place passes to the next in line, so that nobody overtakes.
    const next = waiting.shift();
    if (next) next();
    else working -= 1;
  }
}

export function hashPassword(password: string, cost: number): Promise<string> {
  return inTurn(() => bcrypt.hash(password, cost));
}

const decoys = new Map<number, Promise<string>>();

/** Without a hash (nobody bears that name) it costs the same and is false, so that time tells nothing. */
export async function verifyPassword(password: string, hash: string | undefined, cost: number): Promise<boolean> {
  const against = hash ?? (await decoyOf(cost));
  const matches = await inTurn(() => bcrypt.compare(password, against));
  return matches && hash !== undefined && isWhollyRead(password);
}

/** bcrypt reads 72 bytes and stops at NUL: what it did not read must not count as right. */
function isWhollyRead(password: string): boolean {
  return Buffer.byteLength(password) <= 72 && !password.includes("\0");
}

function decoyOf(cost: number): Promise<string> {
  const known = decoys.get(cost);
  if (known) return known;
  const made = hashPassword(randomBytes(16).toString("hex"), cost);
  decoys.set(cost, made);
  made.catch(() => decoys.delete(cost));
  return made;
}
