import { newId, newUserId } from "../../lib/ids";
import type { Channels } from "../../mixins/channels/channels";
import type { Database } from "../../mixins/postgres/sql";
import type { Stamps } from "../../mixins/redis";
import { EmailTakenError, UsernameTakenError } from "./auth.errors";
import { type Claim, type Claims, emailClaims, type NewClaim, usernameClaims } from "./claims.repository";
import * as registrations from "./registrations.repository";
import type { Registration } from "./registrations.repository";
import { emailClaimsOf, settle, usernameClaimsOf } from "./settle-registrations";

/** What the work on accounts needs of its service. */
export interface Office {
  sql: Database;
  publish: Channels["publish"];
  publishMany: Channels["publishMany"];
  stamps: Stamps;
}

export interface Applicant {
  username: string;
  email: string;
  display_name: string;
}

const ATTEMPTS = 5;

/**
 * Opens accounts: claims the names, each on its own shard, writes the rows, and confirms the claims. Whatever dies in between
 * leaves claims that lapse after a minute.
 * @param makeHash runs once the names are held, so that who comes too late costs no hashing.
 * @returns the ids, in the order of the applicants.
 * @throws {UsernameTakenError | EmailTakenError} with nothing opened.
 */
export async function openAccounts(
  office: Office,
  applicants: readonly Applicant[],
  makeHash: () => Promise<string>,
): Promise<number[]> {
  let hash: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const claim_token = newId();
    const drafts = applicants.map((applicant) => ({ ...applicant, id: newUserId(), claim_token, is_confirmed: false }));
    await claimNames(office, drafts, async () => {
      hash ??= await makeHash();
    });
    const takenIds = await registrations.insertMany(office.sql, drafts, hash!);
    if (takenIds.length === 0) {
      const lost = await settle(office, drafts);
      // Somebody took this registration for dead: it had paused for a minute.
      if (lost.length > 0) throw new UsernameTakenError();
      return drafts.map(({ id }) => id);
    }
    const written = drafts.filter(({ id }) => !takenIds.includes(id));
    await registrations.undoMany(
      office.sql,
      written.map(({ id }) => id),
    );
    await release(office.sql, drafts);
  }
  throw new Error("No free user id was found.");
}

/** Holds both names of every draft while `work` runs and after it; on any failure none of them is held. */
async function claimNames(office: Office, drafts: readonly Registration[], work: () => Promise<void>): Promise<void> {
  try {
    if (!(await claim(office, usernameClaims, usernameClaimsOf(drafts)))) throw new UsernameTakenError();
    if (!(await claim(office, emailClaims, emailClaimsOf(drafts)))) throw new EmailTakenError();
    await work();
  } catch (error) {
    await release(office.sql, drafts);
    throw error;
  }
}

/** All of these names or none for long: false when one is somebody's. Claims that the dead left are taken over. */
async function claim(office: Office, claims: Claims, wanted: readonly NewClaim[]): Promise<boolean> {
  const taken = await claims.insertMany(office.sql, wanted);
  if (taken.length === 0) return true;
  const byKey = new Map(wanted.map((one) => [one.key, one]));
  const holders = await claims.findMany(office.sql, taken);
  // A holder that is gone again was just released: who asks once more will get it.
  if (holders.length < taken.length || holders.some((holder) => !holder.is_abandoned)) return false;
  for (const holder of holders) {
    if (!(await lapse(office, claims, holder, byKey.get(holder.key)!))) return false;
  }
  return true;
}

/** Takes an abandoned claim over, unless its account exists: then the dead registration is brought to its end instead. */
async function lapse(office: Office, claims: Claims, holder: Claim, next: NewClaim): Promise<boolean> {
  const row = (await registrations.findMany(office.sql, [holder.user_id])).get(holder.user_id);
  if (row !== undefined && row.claim_token === holder.token) {
    const lost = await settle(office, [row]);
    if (lost.length === 0) return false;
    return (await claims.insertMany(office.sql, [next])).length === 0;
  }
  return claims.takeOver(office.sql, holder, next);
}

async function release(sql: Database, drafts: readonly Registration[]): Promise<void> {
  await Promise.all([
    usernameClaims.releaseUnconfirmed(sql, usernameClaimsOf(drafts)),
    emailClaims.releaseUnconfirmed(sql, emailClaimsOf(drafts)),
  ]);
}
