import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { progress } from "../progress";
import { colourField } from "../seed/colour-field";
import { type Asker, type Gateways, type Person } from "./asker";
import { pick, type Random } from "./world";

const SIDE_PX = 16;
const FOLLOWS_EACH = 5;
const UPLOADS_AT_ONCE = 4;

/** Registers people over HTTP, and waits until each of them can be looked up. */
export async function registerPeople(gateways: Gateways, count: number): Promise<Person[]> {
  const run = randomBytes(3).toString("hex");
  const people: Person[] = [];
  for (let i = 0; i < count; i += 1) {
    const username = `p${i}_${run}`;
    const body = { username, email: `${username}@example.com`, password: `password of ${username}` };
    const { status, body: told } = await gateways.send({ method: "POST", path: "auth/register", body });
    if (status !== 201) throw new Error(`${username} could not register: ${status} ${JSON.stringify(told)}`);
    const { user, access_token } = told as { user: { id: number }; access_token: string };
    people.push({ id: user.id, username, token: access_token });
  }
  return people;
}

/** Everybody follows some, which is part of the history as everything else. */
export async function acquaint(asker: Asker, people: readonly Person[], random: Random): Promise<void> {
  for (const person of people) {
    for (let i = 0; i < FOLLOWS_EACH; i += 1) {
      const other = pick(people, random)!;
      if (other !== person) await asker.ask(person, "follow", { user_id: other.id, on: true });
    }
  }
}

/** Uploads a small picture for each post to come, by their owners. */
export async function uploadAll(
  gateways: string,
  people: readonly Person[],
  count: number,
): Promise<Map<number, string[]>> {
  const shown = progress("Pictures", count);
  const media = new Map<number, string[]>(people.map(({ id }) => [id, []]));
  let next = 0;
  const uploadSome = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const person = people[i % people.length]!;
      media.get(person.id)!.push(await upload(gateways, person, i));
      shown.advance();
    }
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, uploadSome));
  shown.end();
  return media;
}

async function upload(url: string, person: Person, number: number): Promise<string> {
  const bytes = await colourField(number + 1, SIDE_PX, SIDE_PX)
    .png()
    .toBuffer();
  const form = new FormData();
  form.set("file", new Blob([new Uint8Array(bytes)]), `${number}.png`);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const headers = { authorization: `Bearer ${person.token}` };
    const response = await fetch(`${url}/api/v1/media`, { method: "POST", headers, body: form });
    if (response.status === 201) return ((await response.json()) as { id: string }).id;
    await sleep(200);
  }
  throw new Error(`A picture of ${person.username} was not taken.`);
}
