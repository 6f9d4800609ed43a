import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { progress } from "../progress";
import { type ApiClient, type Media, type Photo, RefusedError } from "./api-client";
import { type Person, registerPeople } from "./people";
import type { Post } from "./show-feed";
import { captions, comments } from "./words";

const UPLOADS_AT_ONCE = 3;
const FEED_TIMEOUT_MS = 15_000;
/** Pictures of the first posts; then from the start again. */
const pictures = [1, 1, 2, 1, 3];

export interface Story {
  reader: Person;
  feed: Post[];
  /** False when the feed did not hold all of it in time. */
  isComplete: boolean;
}

type Say = (line: string) => void;

/** People sign up, upload, follow, post, like and comment; answers the feed of the first of them. */
export async function tellStory(api: ApiClient, photos: readonly Photo[], say: Say): Promise<Story> {
  say("Registering people");
  const people = await registerPeople(api, ({ display_name, username }) => say(`  ${display_name} is @${username}`));
  const [reader] = people as [Person, ...Person[]];

  await followAll(people, say);
  const uploads = await uploadAll(people, photos, say);
  const posts = await publishAll(people, uploads, say);
  await talk(people, posts, say);

  const wanted = posts.filter(({ author }) => author.username !== reader.username).length;
  const feed = await feedWith(reader.api, Math.min(wanted, 100));
  return { reader, feed, isComplete: feed.length >= Math.min(wanted, 100) };
}

async function followAll(people: readonly Person[], say: Say): Promise<void> {
  for (const follower of people) {
    for (const { id } of people) if (id !== follower.id) await follower.api.post(`graph/follow/${id}`);
  }
  say(`Everyone follows everyone: ${people.length * (people.length - 1)} follows`);
}

interface Upload {
  owner: Person;
  /** Among all photographs: what is made up has its own words. */
  number: number;
  photo: Photo;
  media: Media;
}

/** Photographs go round among the people. One that the server refuses is told of and left out. */
async function uploadAll(people: readonly Person[], photos: readonly Photo[], say: Say): Promise<Upload[]> {
  const shown = progress("Photographs", photos.length);
  const done: (Upload | undefined)[] = photos.map(() => undefined);
  const refused: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < photos.length; i = next++) {
      const photo = photos[i]!;
      const owner = people[(i + 1) % people.length]!;
      try {
        const media = await owner.api.upload(photo, photo.name);
        if (media.status === "ready") done[i] = { owner, number: i, photo, media };
        else refused.push(`  ${photo.name}: ${media.failure ?? "failed"}`);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        refused.push(`  ${photo.name}: ${error.message}`);
      }
      shown.advance();
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
  shown.end();
  if (refused.length > 0) say(["Not taken:", ...refused].join("\n"));
  return done.filter((upload) => upload !== undefined);
}

async function publishAll(people: readonly Person[], uploads: readonly Upload[], say: Say): Promise<Post[]> {
  const posts: Post[] = [];
  const albums = people.map((owner) => uploads.filter((upload) => upload.owner === owner));
  while (albums.some((album) => album.length > 0)) {
    for (const [i, author] of people.entries()) {
      const album = albums[i]!.splice(0, pictures[posts.length % pictures.length]);
      const [first] = album;
      if (first === undefined) continue;
      const { caption, location } = captions[first.number % captions.length]!;
      const body = { caption: addressed(caption, people, i), location, media_ids: album.map(({ media }) => media.id) };
      const post = await author.api.post<Post>("posts", body, { "idempotency-key": randomUUID() });
      posts.push(post);
      say(`  @${author.username} posts ${album.map(({ photo }) => photo.name).join(", ")}: ${post.caption}`);
    }
  }
  return posts;
}

async function talk(people: readonly Person[], posts: readonly Post[], say: Say): Promise<void> {
  let likes = 0;
  let said = 0;
  for (const [i, post] of posts.entries()) {
    for (const [j, person] of people.entries()) {
      if ((i + j) % 3 === 0) continue;
      await person.api.post(`posts/${post.id}/like`);
      likes += 1;
      if ((i + j) % 3 !== 1 || person.username === post.author.username) continue;
      const text = comments[said % comments.length]!.replace("@1", `@${post.author.username}`);
      await person.api.post(`posts/${post.id}/comments`, { text });
      said += 1;
    }
  }
  say(`${likes} likes and ${said} comments`);
}

function addressed(text: string, people: readonly Person[], author: number): string {
  const name = (step: number): string => `@${people[(author + step) % people.length]!.username}`;
  return text.replace("@1", name(1)).replace("@2", name(2));
}

/** A feed is written after the answer to a post: a moment later all is there. */
async function feedWith(api: ApiClient, wanted: number): Promise<Post[]> {
  for (const deadline = Date.now() + FEED_TIMEOUT_MS; ; await sleep(100)) {
    const { items } = await api.get<{ items: Post[] }>("feed?limit=100");
    if (items.length >= wanted || Date.now() > deadline) return items;
  }
}
