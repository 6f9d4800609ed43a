import { Readable } from "node:stream";
import sharp from "sharp";
import type { Media } from "../../services/media/media.contract";
import type { StartedServices } from "../start-services";
import { progress } from "../progress";
import { seededRandom } from "./random";

const AT_ONCE = 4;
const SIDE_PX = 320;

const captions = [
  "Morning light #nature",
  "오늘의 사진 #일상",
  "On the way home #street",
  "Slow Sunday ☕ #weekend",
  "#colours",
];

/** Publishes so many posts of each person, each with a small picture of its own. */
export async function publishPosts(
  { broker, call }: StartedServices,
  ids: readonly number[],
  each: number,
): Promise<number> {
  const authors = Array.from({ length: each }, () => ids).flat();
  const shown = progress("Posts", authors.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < authors.length; i = next++) {
      const meta = { viewer: { id: authors[i]!, role: "user" as const } };
      const stream = Readable.from([await smallPicture(i)]);
      const { id } = await broker.call<Media, object>("media.upload", {}, { meta, stream, timeout: 60_000 });
      const caption = captions[i % captions.length]!;
      await call("posts.create", { caption, media_ids: [id] }, { meta, timeout: 60_000 });
      shown.advance();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  shown.end();
  return authors.length;
}

/** Two colours, one running into the other. */
async function smallPicture(number: number): Promise<Buffer> {
  const random = seededRandom(number + 1);
  const hue = Math.floor(random() * 360);
  const angle = Math.floor(random() * 90);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE_PX}" height="${SIDE_PX}">
    <linearGradient id="g" gradientTransform="rotate(${angle})">
      <stop offset="0" stop-color="hsl(${hue},70%,60%)"/><stop offset="1" stop-color="hsl(${(hue + 70) % 360},70%,35%)"/>
    </linearGradient><rect width="100%" height="100%" fill="url(#g)"/></svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 80 }).toBuffer();
}
