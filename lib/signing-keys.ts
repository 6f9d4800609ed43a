import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config";

export interface SigningKey {
  kid: string;
  /** Made once: a string secret would be parsed at every use, which is 40 times slower. */
  key: KeyObject;
}

export interface SigningKeys {
  /** The newest one, which signs. */
  newest: SigningKey;
  /** Any that is still in force, for verifying. */
  find(kid: string): KeyObject | undefined;
}

/** Keys of the configuration, or else those made once under `DATA_DIR/keys`, whichever process comes first. */
export async function signingKeys(
  config: Pick<Config, "jwtKeys" | "mediaKeys" | "dataDir">,
  use: "jwt" | "media",
): Promise<SigningKeys> {
  const configured = use === "jwt" ? config.jwtKeys : config.mediaKeys;
  if (configured.length > 0) return keysOf(configured);
  const folder = join(config.dataDir, "keys");
  const file = join(folder, `${use}.keys`);
  const lines = (await readKeys(file)) ?? (await makeKeys(folder, file));
  try {
    return keysOf(lines);
  } catch {
    throw new Error(`${file} does not hold keys of the form kid:base64url. Restore it, or remove it to have new ones.`);
  }
}

/** A fresh key in the form of `JWT_KEYS`. */
export function newKey(): string {
  return `${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64url")}`;
}

function keysOf(lines: readonly string[]): SigningKeys {
  const keys = lines.map(parseKey);
  const newest = keys[0];
  if (newest === undefined) throw new Error("There is no signing key.");
  const byKid = new Map(keys.map(({ kid, key }) => [kid, key]));
  return { newest, find: (kid) => byKid.get(kid) };
}

function parseKey(line: string): SigningKey {
  const [kid, secret] = line.split(":");
  const bytes = Buffer.from(secret ?? "", "base64url");
  if (!kid || bytes.length < 32) throw new Error("A signing key is kid:base64url of at least 32 bytes.");
  return { kid, key: createSecretKey(bytes) };
}

async function readKeys(file: string): Promise<string[] | undefined> {
  try {
    return (await readFile(file, "utf8")).split(/\s+/).filter((line) => line !== "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A link appears whole or not at all, and only once: of several processes that start together, all use the first one's key. */
async function makeKeys(folder: string, file: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(`${newKey()}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const lines = await readKeys(file);
  if (lines === undefined) throw new Error(`${file} vanished while it was being made.`);
  return lines;
}
