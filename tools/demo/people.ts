import { randomBytes } from "node:crypto";
import type { ApiClient } from "./api-client";

export interface Person {
  id: number;
  username: string;
  display_name: string;
  token: string;
  api: ApiClient;
}

const names: [string, string][] = [
  ["alice", "Alice Moreau"],
  ["bob", "Bob Tanaka"],
  ["carol", "Carol Silva"],
  ["minji", "김민지"],
  ["yusuf", "Yusuf Haddad"],
];

/** Registers people under names of this run alone. */
export async function registerPeople(api: ApiClient, onEach: (person: Person) => void): Promise<Person[]> {
  const run = randomBytes(3).toString("hex").slice(0, 4);
  const people: Person[] = [];
  for (const [name, display_name] of names) {
    const username = `${name}_${run}`;
    const body = { username, email: `${username}@example.com`, password: `password of ${name}`, display_name };
    const signedIn = await api.post<{ user: { id: number }; access_token: string }>("auth/register", body);
    const token = signedIn.access_token;
    const person = { id: signedIn.user.id, username, display_name, token, api: api.as(token) };
    people.push(person);
    onEach(person);
  }
  return people;
}
