import sharp from "sharp";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../demo/api-client";
import { type Person, registerPeople } from "../demo/people";
import { getRequest } from "./http-connection";
import type { Lab } from "./lab";

export const PAGE = 20;
const PATH = `/api/v1/feed?limit=${PAGE}`;
const FEED_TIMEOUT_MS = 30_000;

export interface FeedScene {
  node: URL;
  static: URL;
  /** Asks for a page of the feed as somebody who is signed in. */
  request: Buffer;
}

/** A node with a full page in somebody's feed, and a bare server that sends the same bytes. */
export async function feedScene(lab: Lab): Promise<FeedScene> {
  const node = await lab.startNode(await lab.folder());
  const [reader, ...authors] = (await registerPeople(new ApiClient(node.url.href), () => undefined)) as [
    Person,
    ...Person[],
  ];
  for (const [i, { id, api }] of authors.entries()) {
    await reader.api.post(`graph/follow/${id}`);
    for (let j = 0; j < PAGE / authors.length; j++) {
      const bytes = await colour(i * 10 + j);
      const media = await api.upload({ name: "colour.png", bytes }, "One colour");
      await api.post("posts", { caption: `Number ${j} of the day #bench`, location: "Seoul", media_ids: [media.id] });
    }
  }
  const body = await fullPage(reader.api);
  const bare = await lab.startStatic(body);
  return { node: node.url, static: bare.url, request: getRequest(node.url, PATH, reader.token) };
}

async function fullPage(api: ApiClient): Promise<string> {
  for (const deadline = Date.now() + FEED_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    const page = await api.get<{ items: unknown[] }>(`feed?limit=${PAGE}`);
    if (page.items.length === PAGE) return JSON.stringify(page);
  }
  throw new Error(`The feed did not come to hold ${PAGE} posts.`);
}

export function colour(number: number): Promise<Buffer> {
  const background = { r: (number * 37) % 256, g: (number * 91) % 256, b: 128 };
  return sharp({ create: { width: 200, height: 150, channels: 3, background } })
    .png()
    .toBuffer();
}
