import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endProcessOf } from "./server-process";

/** The other end of a guard's pipe: when that closes, whoever started servers has ended, and what they left is ended here. */
const guarded = new Map<string, { remove: boolean }>();

async function endGuarded(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const word = JSON.parse(line) as { guard: string; remove: boolean } | { dismiss: string };
    if ("guard" in word) guarded.set(word.guard, word);
    else guarded.delete(word.dismiss);
  }
  await Promise.all([...guarded.keys()].map(endAllOn));
  for (const [folder, { remove }] of guarded) if (remove) await rm(folder, { recursive: true, force: true });
}

async function endAllOn(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(names.filter((name) => /^node-\d+$/.test(name)).map((name) => endProcessOf(join(folder, name))));
}

void endGuarded();
