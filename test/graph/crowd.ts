import type { App } from "../setup/use-app";

export interface Somebody {
  id: number;
  username: string;
}

let crowds = 0;

/** Many people at once, who cannot log in: far quicker than as many registrations. */
export async function crowd(app: App, count: number, name = "fan"): Promise<Somebody[]> {
  crowds += 1;
  const usernames = Array.from({ length: count }, (_, i) => `${name}_c${crowds}_${i}`);
  const users = usernames.map((username) => ({ username, email: `${username}@example.com`, display_name: username }));
  const { user_ids } = await app.call("auth.seed", { users, password_hash: "no password at all" });
  return user_ids.map((id, i) => ({ id, username: usernames[i]! }));
}
