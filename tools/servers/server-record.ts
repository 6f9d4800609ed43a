import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { freePort } from "./free-ports";
import type { ServerKind, ServerName, Site } from "./server-kind";

/** What a server's folder knows of it, from its first start on. */
export interface ServerRecord {
  name: ServerName;
  token: string;
  /** Of each process, by the port's name. */
  ports: Record<string, number>[];
  /** As of its last start. */
  version?: string;
}

const FILE = "server.json";

export async function readRecord(folder: string): Promise<ServerRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, FILE), "utf8")) as ServerRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Readable by us alone, for it holds a password. It is replaced whole: who reads it meanwhile sees one state or the other. */
export async function writeRecord(folder: string, record: ServerRecord): Promise<void> {
  const draft = join(folder, `${FILE}.${randomBytes(4).toString("hex")}.new`);
  await writeFile(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(folder, FILE));
}

/** The record of this folder, with free ports where the server is new. @throws when it is another server's folder. */
export async function openRecord(folder: string, name: ServerName, kind: ServerKind): Promise<ServerRecord> {
  await mkdir(folder, { recursive: true });
  // To be passed through by whoever a server runs as: PostgreSQL refuses to be root.
  await chmod(folder, 0o711);
  const found = await readRecord(folder);
  if (found !== undefined && found.name !== name)
    throw new Error(`${folder} belongs to ${found.name}, not to ${name}.`);
  if (found !== undefined) return found;
  const record: ServerRecord = { name, token: randomToken(), ports: [] };
  for (let index = 0; index < kind.size; index += 1) {
    const ports: Record<string, number> = {};
    for (const port of kind.ports) ports[port] = await freePort();
    record.ports.push(ports);
  }
  await writeRecord(folder, record);
  return record;
}

export function siteOf(folder: string, { ports, token }: ServerRecord, extra: readonly string[] = []): Site {
  const places = ports.map((own, index) => ({ folder: join(resolve(folder), `node-${index}`), ports: own }));
  return { places, token, extra };
}

/** 22 characters of base64url. A dash in front looks like an option to Kafka's tools. */
function randomToken(): string {
  for (;;) {
    const token = randomBytes(16).toString("base64url");
    if (!token.startsWith("-")) return token;
  }
}
