import { InvalidInputError } from "../../lib/errors";
import { findByUsernames } from "./find-accounts";
import { type Applicant, type Office, openAccounts } from "./open-accounts";
import { emailKey, usernameKey } from "./username-rules";

/**
 * Opens accounts that share one hash. Those that an earlier run opened (same username, same address) are found again.
 * @returns the ids, in the order of the applicants.
 * @throws {UsernameTakenError | EmailTakenError} when a name is somebody else's, with nothing opened.
 */
export async function seedAccounts(office: Office, applicants: readonly Applicant[], hash: string): Promise<number[]> {
  refuseRepeated(applicants.map(({ username }) => usernameKey(username)));
  refuseRepeated(applicants.map(({ email }) => emailKey(email)));
  const names = applicants.map(({ username }) => username);
  const idOf = new Map<string, number>();
  for (const user of await findByUsernames(office.sql, names)) {
    idOf.set(`${usernameKey(user.username)} ${emailKey(user.email)}`, user.id);
  }
  const keyOf = ({ username, email }: Applicant) => `${usernameKey(username)} ${emailKey(email)}`;
  const missing = applicants.filter((applicant) => !idOf.has(keyOf(applicant)));
  const ids = await openAccounts(office, missing, async () => hash);
  missing.forEach((applicant, i) => idOf.set(keyOf(applicant), ids[i]!));
  return applicants.map((applicant) => idOf.get(keyOf(applicant))!);
}

function refuseRepeated(keys: readonly string[]): void {
  if (new Set(keys).size < keys.length) {
    throw new InvalidInputError([{ field: "users", message: "may not name anybody twice" }]);
  }
}
