import { Readable } from "node:stream";
import type { Media } from "../../services/media/media.contract";
import type { StartedServices } from "../start-services";
import { progress } from "../progress";
import { colourField } from "./colour-field";

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
      const stream = Readable.from([
        await colourField(i + 1, SIDE_PX, SIDE_PX)
          .jpeg()
          .toBuffer(),
      ]);
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
