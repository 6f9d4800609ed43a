import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import type { Media } from "../../services/media/media.contract";
import { progress } from "../progress";
import type { StartedServices } from "../start-services";

const AT_ONCE = 4;
const POLL_MS = 10;

/** As many small pictures, ready to be posted, of each of these authors in turn. */
export async function uploadPictures<Author extends { id: number }>(
  { broker }: StartedServices,
  authors: readonly Author[],
  count: number,
): Promise<{ author: Author; mediaId: string }[]> {
  const dot = await sharp({ create: { width: 8, height: 8, channels: 3, background: "#345" } })
    .png()
    .toBuffer();
  const shown = progress("Pictures", count);
  const uploads: { author: Author; mediaId: string }[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const author = authors[i % authors.length]!;
      const meta = { viewer: { id: author.id, role: "user" as const } };
      const stream = Readable.from([dot]);
      const { id } = await broker.call<Media, object>("media.upload", {}, { meta, stream });
      while ((await broker.call<Media, object>("media.get", { media_id: id }, { meta })).status === "processing")
        await sleep(POLL_MS);
      uploads.push({ author, mediaId: id });
      shown.advance();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  shown.end();
  return uploads;
}
