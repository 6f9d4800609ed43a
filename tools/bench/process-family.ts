import { readdir, readFile } from "node:fs/promises";

/** A process and all that descend from it. */
export async function family(pid: number): Promise<number[]> {
  const pids = (await readdir("/proc")).map(Number).filter((number) => Number.isInteger(number));
  const parents = new Map(await Promise.all(pids.map(async (one) => [one, await parentOf(one)] as const)));
  const members = [pid];
  for (const member of members) members.push(...pids.filter((one) => parents.get(one) === member));
  return members;
}

async function parentOf(pid: number): Promise<number | undefined> {
  const parent = (await statOf(pid))[1];
  return parent === undefined ? undefined : Number(parent);
}

/** What `/proc` tells of a process, from its state on; nothing of one that is gone. */
export async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
