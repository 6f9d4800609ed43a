import type { IncomingMessage } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { MalformedRequestError, PayloadTooLargeError } from "./api.errors";

/** An upload may take as long as a slow line needs. */
export const uploadTimeoutMs = 30 * 60_000;
const drainMs = 10_000;

/** A refusal in mid-upload waits a while for the rest: closing at once would reset the line, and the client lose the answer. */
export function letGoBy(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, drainMs);
    for (const end of ["end", "close", "error"]) {
      request.once(end, () => {
        clearTimeout(timer);
        resolve();
      });
    }
    request.resume();
  });
}

/** The same bytes as a stream of our own, which fails as soon as they are too many. */
export function bounded(source: Readable, maxBytes: number): PassThrough {
  const bytes = new PassThrough();
  // Whoever reads them hears of an error; where the call was refused before, nobody does, and that would end the process.
  bytes.on("error", () => undefined);
  let size = 0;
  source.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) bytes.destroy(new PayloadTooLargeError(maxBytes));
  });
  source.on("error", (error) => bytes.destroy(error));
  source.on("aborted", () => bytes.destroy(new MalformedRequestError("The upload was broken off.")));
  // Nobody may read any more (the type was refused): the rest is let go by.
  bytes.on("close", () => source.resume());
  source.pipe(bytes);
  return bytes;
}
