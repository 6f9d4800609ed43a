import { createHash } from "node:crypto";
import type { Config } from "./config";

const MADE_HERE = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Whether a request is one of the share that is traced. It follows from the request id alone, which events carry too: whoever works
 * for the request decides the same, though nobody tells them.
 */
export function isTraced({ traceUrl, traceSample }: Config, requestId: string): boolean {
  return traceUrl !== undefined && partOf(requestId) < traceSample;
}

/** 32 hexadecimal digits: those of the request id where it has them. */
export function traceIdOf(requestId: string): string {
  // What a client made up may be of any letters, or the zero that is no id to collectors.
  if (!MADE_HERE.test(requestId)) return createHash("sha256").update(requestId).digest("hex").slice(0, 32);
  return requestId.replaceAll("-", "");
}

/** The span that stands for the whole request, known to all who work for it. */
export function rootSpanIdOf(requestId: string): string {
  return traceIdOf(requestId).slice(0, 16);
}

/** Evenly from 0 to 1: FNV-1a, its bits stirred as MurmurHash does in the end. */
function partOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
