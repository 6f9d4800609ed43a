import { extname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { DAMAGED, DecoderMissingError, MediaFailure, TOO_SLOW } from "./media-failure";

export interface DecodeHeicJob {
  path: string;
  /** Of the primary image, upright. */
  width: number;
  height: number;
  maxPixels: number;
}

/** Undefined where the file holds no image that can be decoded. */
export type HeicAnswer = DecodedHeic | undefined;

export interface DecodedHeic {
  width: number;
  height: number;
  /** Upright: libheif turned it as the file asks. */
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

const TIMEOUT_MS = 60_000;

/** Undefined, or what is missing for HEIC to be taken. */
export function missingForHeic(): string | undefined {
  try {
    require.resolve("heic-decode");
    return undefined;
  } catch {
    return "HEIC pictures cannot be taken here: the optional package heic-decode is not installed.";
  }
}

let last: Promise<unknown> = Promise.resolve();

/** Pixels of a HEIC's primary image. One at a time, for each takes some 140 MB. @throws {DecoderMissingError | MediaFailure} */
export function decodeHeic(job: DecodeHeicJob): Promise<DecodedHeic> {
  const turn = last.then(() => run(job));
  last = turn.catch(() => undefined);
  return turn;
}

function run(job: DecodeHeicJob): Promise<DecodedHeic> {
  const missing = missingForHeic();
  if (missing !== undefined) throw new DecoderMissingError(missing);
  const { file, execArgv } = workerFile();
  // What libheif prints of a damaged file belongs in no log.
  const worker = new Worker(file, { workerData: job, execArgv, stdout: true, stderr: true });
  return new Promise<DecodedHeic>((resolve, reject) => {
    const timer = setTimeout(() => reject(new MediaFailure(TOO_SLOW)), TIMEOUT_MS);
    worker.once("message", (decoded: HeicAnswer) => (decoded ? resolve(decoded) : reject(new MediaFailure(DAMAGED))));
    worker.once("error", reject);
    worker.once("exit", () => {
      clearTimeout(timer);
      reject(new Error("The decoder of HEIC ended without an answer."));
    });
  }).finally(() => worker.terminate());
}

/** Compiled it lies beside this file; run from sources it needs the loader that development has anyway. */
function workerFile(): { file: string; execArgv: string[] } {
  const extension = extname(__filename);
  const file = join(__dirname, `decode-heic.worker${extension}`);
  return { file, execArgv: extension === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [] };
}
