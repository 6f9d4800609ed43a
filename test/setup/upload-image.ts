import sharp from "sharp";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Media } from "../../services/media/media.contract";
import type { App, Person } from "./use-app";

export interface UploadOptions {
  width?: number;
  height?: number;
  alt_text?: string;
  /** Do not wait until it is processed. */
  isAwaited?: boolean;
}

/** Uploads these bytes as the gateway does: as a stream, whichever node serves media. */
export async function uploadBytes(
  app: App,
  person: Pick<Person, "id" | "role">,
  bytes: Buffer | Readable,
  params: { alt_text?: string } = {},
): Promise<Media> {
  const { id, role } = person;
  const stream = Buffer.isBuffer(bytes) ? Readable.from(piecesOf(bytes), { objectMode: false }) : bytes;
  return app.broker.call("media.upload", params, { stream, meta: { viewer: { id, role } }, timeout: 60_000 });
}

/** Uploads a small picture, every one of another colour, and waits until it is ready. */
export async function uploadImage(
  app: App,
  person: Pick<Person, "id" | "role">,
  { width = 64, height = 48, alt_text, isAwaited = true }: UploadOptions = {},
): Promise<Media> {
  const uploaded = await uploadBytes(
    app,
    person,
    await picture(width, height),
    alt_text === undefined ? {} : { alt_text },
  );
  return isAwaited ? processed(app, person, uploaded.id) : uploaded;
}

/** The upload once it is ready or failed. */
export async function processed(app: App, person: Pick<Person, "id" | "role">, mediaId: string): Promise<Media> {
  const until = Date.now() + 20_000;
  for (;;) {
    const media = await app.as(person).call("media.get", { media_id: mediaId });
    if (media.status !== "processing") return media;
    if (Date.now() > until) throw new Error(`${mediaId} is still being processed.`);
    await sleep(15);
  }
}

let pictures = 0;

/** A PNG that compresses badly enough to have some kilobytes. */
export async function picture(width: number, height: number): Promise<Buffer> {
  pictures += 1;
  const background = { r: (pictures * 37) % 256, g: (pictures * 91) % 256, b: (pictures * 151) % 256 };
  return sharp({
    create: { width, height, channels: 3, background, noise: { type: "gaussian", mean: 128, sigma: 40 } },
  })
    .png()
    .toBuffer();
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}
