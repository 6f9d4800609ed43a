import sharp from "sharp";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiClient } from "../demo/api-client";
import { type Person, registerPeople } from "../demo/people";
import { getRequest } from "./http-connection";
import type { Lab } from "./lab";

export const PAGE = 20;
export const FEED_PATH = `/api/v1/feed?limit=${PAGE}`;
const FEED_TIMEOUT_MS = 30_000;

interface FeedPage {
  items: { id: string; user_id: number }[];
}

export interface FeedScene {
  node: URL;
  static: URL;
  /** Asks for a page of the feed as somebody who is signed in. */
  request: Buffer;
  reader: Person;
  authors: Person[];
  /** The page, and the bytes of it. */
  page: FeedPage;
  body: string;
}

/** A node, or what else answers at this address, with a full page in somebody's feed, and a bare server that sends the same bytes. */
export async function feedScene(lab: Lab, url?: URL): Promise<FeedScene> {
  const node = url ?? (await lab.startNode(await lab.folder())).url;
  const [reader, ...authors] = (await registerPeople(new ApiClient(node.href), () => undefined)) as [Person, ...Person[]];
  for (const [i, { id, api }] of authors.entries()) {
    await reader.api.post(`graph/follow/${id}`);
    for (let j = 0; j < PAGE / authors.length; j++) await publish(api, i * 10 + j);
  }
  const page = await fullPage(reader.api);
  const body = JSON.stringify(page);
  const bare = await lab.startStatic(body);
  return { node, static: bare.url, request: getRequest(node, FEED_PATH, reader.token), reader, authors, page, body };
}

/** One post of one picture. */
export async function publish(api: ApiClient, number: number): Promise<string> {
  const media = await api.upload({ name: "colour.png", bytes: await colour(number) }, "One colour");
  const caption = `Number ${number} of the day #bench`;
  const { id } = await api.post<{ id: string }>("posts", { caption, location: "Seoul", media_ids: [media.id] });
  return id;
}

async function fullPage(api: ApiClient): Promise<FeedPage> {
  for (const deadline = Date.now() + FEED_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    const page = await api.get<FeedPage>(`feed?limit=${PAGE}`);
    if (page.items.length === PAGE) return page;
  }
  throw new Error(`The feed did not come to hold ${PAGE} posts.`);
}

export function colour(number: number): Promise<Buffer> {
  const background = { r: (number * 37) % 256, g: (number * 91) % 256, b: 128 };
  return sharp({ create: { width: 200, height: 150, channels: 3, background } })
    .png()
    .toBuffer();
}
