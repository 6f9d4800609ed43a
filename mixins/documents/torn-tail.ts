import { open, type FileHandle } from "node:fs/promises";

const NEWLINE = 0x0a;
const STEP_BYTES = 64 * 1024;

/**
 * Cuts off a last line that a crash left without its end, and answers its length in bytes. Only the last one can be so:
 * lines are appended, and an append that failed is followed by no other. The redo record holds what it was to say.
 */
export async function cutTornTail(file: string): Promise<number> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const whole = await endOfLastLine(handle, size);
    if (whole < size) await handle.truncate(whole);
    return size - whole;
  } finally {
    await handle.close();
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(STEP_BYTES);
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - STEP_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, end - start, start);
    const found = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}
