import { LEAST_PART_BYTES, type Part } from "../../mixins/objects";

/** More would make an answer of a megabyte of URLs. */
const MOST_PARTS = 1_000;

/** As small as the store takes them, so that a line that breaks costs little. */
export function partSizeOf(sizeBytes: number): number {
  return Math.max(LEAST_PART_BYTES, Math.ceil(sizeBytes / MOST_PARTS));
}

/** How an upload is cut: parts of one size, and what is left. */
export function planParts({ size_bytes, part_size_bytes }: { size_bytes: number; part_size_bytes: number }): Part[] {
  return Array.from({ length: Math.ceil(size_bytes / part_size_bytes) }, (_, index) => ({
    number: index + 1,
    sizeBytes: Math.min(part_size_bytes, size_bytes - index * part_size_bytes),
  }));
}
