import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readPostmaster } from "../../mixins/postgres/postmaster";
import { family } from "./process-family";

const MEBIBYTE = 1024 ** 2;

/** Whether this system tells what part of shared memory a process stands for. */
export const canMeasureMemory = process.platform === "linux";

export interface NodeMemory {
  /** MiB of the node's own process and its children. */
  own: number;
  /** MiB of the PostgreSQL that it started. */
  postgres: number;
}

/** What a node with embedded PostgreSQL holds: pages shared by several processes count once (PSS). */
export async function nodeMemory(pid: number, dataDir: string): Promise<NodeMemory> {
  const postmaster = await readPostmaster(join(dataDir, "postgres"));
  const postgres = postmaster === undefined ? [] : await family(postmaster.pid);
  const own = (await family(pid)).filter((member) => !postgres.includes(member));
  return { own: await memoryOf(own), postgres: await memoryOf(postgres) };
}

export async function processMemory(pid: number): Promise<number> {
  return memoryOf([pid]);
}

async function memoryOf(pids: readonly number[]): Promise<number> {
  const sizes = await Promise.all(pids.map(pssOf));
  return sizes.reduce((sum, size) => sum + size, 0) / MEBIBYTE;
}

async function pssOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}
