import bcrypt from "bcrypt";
import type { Config } from "../../lib/config";
import type { StartedServices } from "../start-services";
import { progress } from "../progress";
import { ToolError } from "../run-tool";

const AT_ONCE = 500;

/** What all of them sign in with. */
export const PASSWORD = "password";

const firstNames = ["Alice", "Bob", "Carol", "민지", "Yusuf", "Ines", "Kwame", "Lena", "Noor", "Tomás", "Mei", "Arjun"];
const lastNames = [
  "Kim",
  "Okafor",
  "Silva",
  "Novak",
  "Haddad",
  "Lindqvist",
  "Tanaka",
  "Moreau",
  "Petrov",
  "Ng",
  "Rossi",
];

export function usernameOf(prefix: string, label: string): string {
  return `${prefix}_${label.toLowerCase()}`;
}

/** Opens an account for each label, or finds the one that an earlier run opened; answers their ids in that order. */
export async function openAccounts(
  { call }: StartedServices,
  config: Config,
  prefix: string,
  labels: readonly string[],
): Promise<number[]> {
  const password_hash = await bcrypt.hash(PASSWORD, config.bcryptCost);
  const users = labels.map((label, i) => {
    const username = usernameOf(prefix, label);
    const display_name = `${firstNames[i % firstNames.length]} ${lastNames[Math.floor(i / 3) % lastNames.length]}`;
    return { username, email: `${username}@example.com`, display_name };
  });
  const shown = progress("Accounts", users.length);
  const ids: number[] = [];
  for (let start = 0; start < users.length; start += AT_ONCE) {
    const some = users.slice(start, start + AT_ONCE);
    const { user_ids } = await call("auth.seed", { users: some, password_hash }, { timeout: 60_000 }).catch(
      explain(prefix),
    );
    ids.push(...user_ids);
    shown.to(ids.length);
  }
  shown.end();
  return ids;
}

function explain(prefix: string): (error: unknown) => never {
  return (error) => {
    const { type, message } = error as { type?: string; message: string };
    if (type !== "USERNAME_TAKEN" && type !== "EMAIL_TAKEN") throw error;
    throw new ToolError(`A name of the form ${prefix}_… is somebody's already: choose another --prefix. (${message})`);
  };
}
