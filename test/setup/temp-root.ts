import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const memory = "/dev/shm";
const enoughBytes = 2 * 1024 ** 3;

/** Where tests keep their files: in memory where there is enough of it, for thousands of syncs to a disk cost minutes. */
export function tempRoot(): string {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= enoughBytes ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}
