import { chown, lchown, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** How to start a program of PostgreSQL, which refuses to run as root. */
export interface RunAs {
  /** Whom the data folder must belong to; undefined: to whoever runs this process. */
  owner?: { uid: number; gid: number };
  /** Whether the process is given that owner's identity when it starts. */
  switches: boolean;
  /** What stands before the program and its arguments. */
  prefix: string[];
}

/** "nobody" of nearly every Linux: numbers are all that is needed, no entry in /etc/passwd. */
const NOBODY = { uid: 65534, gid: 65534 };

/** The least surprising identity that can reach both the programs and the data. */
export async function chooseIdentity(paths: string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { switches: false, prefix: [] };
  for (const owner of [NOBODY, ...(await ownersAlong(paths))]) {
    if (await canReach(owner.uid, paths)) return { owner, switches: true, prefix: [] };
  }
  if (process.platform !== "linux") {
    throw new Error(
      "PostgreSQL does not run as root, and no other user can reach the data folder. Run this as another user.",
    );
  }
  // Under a home that only root may enter, root keeps its rights to its own files but is seen as user 1000.
  return {
    owner: { uid: 0, gid: 0 },
    switches: false,
    prefix: ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"],
  };
}

async function ownersAlong(paths: string[]): Promise<{ uid: number; gid: number }[]> {
  const owners = new Map<number, { uid: number; gid: number }>();
  for (const folder of paths.flatMap(foldersAbove)) {
    const { uid, gid } = await stat(folder);
    if (uid !== 0) owners.set(uid, { uid, gid });
  }
  return [...owners.values()];
}

async function canReach(uid: number, paths: string[]): Promise<boolean> {
  for (const folder of paths.flatMap(foldersAbove)) {
    const { mode, uid: owner } = await stat(folder);
    const canEnter = owner === uid ? mode & 0o100 : mode & 0o001;
    if (!canEnter) return false;
  }
  return true;
}

function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [above] : [above, ...foldersAbove(above)];
}

/** Gives the folder and all in it to the identity that PostgreSQL runs as; a folder that it has already is left alone. */
export async function giveFolder(folder: string, { owner }: RunAs): Promise<void> {
  if (!owner || (await stat(folder)).uid === owner.uid) return;
  // The folder itself last: should this be cut short, the next start sees it unfinished.
  for (const name of await readdir(folder, { recursive: true })) {
    await lchown(join(folder, name), owner.uid, owner.gid);
  }
  await chown(folder, owner.uid, owner.gid);
}
