import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { UnavailableError } from "../../lib/errors";
import { stampOf, touch } from "../../mixins/redis";
import { BadCredentialsError, LastAdminError, UserNotFoundError } from "./auth.errors";
import { freeEmailOf } from "./claims.repository";
import type { Office } from "./open-accounts";
import { hashPassword, verifyPassword } from "./passwords";
import * as sessions from "./sessions.repository";
import type { Desk } from "./sign-in";
import * as users from "./users.repository";

export interface Changed {
  before: users.User;
  after: users.User;
}

/** Changes an account and announces it; what is already so changes nothing. Fields left undefined stay. */
export async function changeAccount(office: Office, id: number, wanted: users.UserChanges): Promise<Changed> {
  const changed = await office.sql.at(id).transaction(async (tx) => {
    const before = await users.lock(tx, id);
    if (!before) throw new UserNotFoundError();
    const changes = differing(before, wanted);
    if (Object.keys(changes).length === 0) return { before, after: before };
    const after = await users.update(tx, before, changes);
    const { version, is_private, is_suspended } = after;
    await office.publish(tx, "user.updated", { user_id: id, version, is_private, is_suspended });
    return { before, after };
  });
  // Also where nothing changed, for the first try of a repeat may have come no further than its commit.
  await touch(office.stamps, [stampOf.author(id)]);
  return changed;
}

function differing(user: users.User, wanted: users.UserChanges): users.UserChanges {
  const entries = Object.entries(wanted).filter(
    ([field, value]) => value !== undefined && !isDeepStrictEqual(user[field as keyof users.UserChanges], value),
  );
  return Object.fromEntries(entries);
}

/** Role and suspension. @throws {LastAdminError} rather than leave nobody who could undo it. */
export async function changeStanding(
  desk: Desk,
  id: number,
  wanted: Pick<users.UserChanges, "role" | "is_suspended">,
): Promise<users.User> {
  const mayLoseAdmin = (wanted.role !== undefined && wanted.role !== "admin") || wanted.is_suspended === true;
  const change = async () => {
    if (mayLoseAdmin) await refuseForLastAdmin(desk, id);
    return changeAccount(desk, id, wanted);
  };
  const { after } = mayLoseAdmin ? await alone(desk, change) : await change();
  desk.standingChanged(id);
  return after;
}

async function refuseForLastAdmin({ sql }: Desk, id: number): Promise<void> {
  const user = await users.find(sql, id);
  if (user?.role !== "admin" || user.is_suspended) return;
  if ((await users.countOtherAdmins(sql, id)) === 0) throw new LastAdminError();
}

/** One at a time in the whole house: two admins who demote each other must not both be heard. */
async function alone<T>({ sql }: Desk, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const done = await sql.shards[0]!.withLock("auth: admins", async () => ({ result: await work() }));
    if (done) return done.result;
    await sleep(20 + Math.random() * 20);
  }
  throw new UnavailableError();
}

/** Sets a new password and ends every session but this one. */
export async function changePassword(
  desk: Desk,
  userId: number,
  { current_password, new_password }: { current_password: string; new_password: string },
  keptSession: string | undefined,
): Promise<void> {
  const { sql, config } = desk;
  const user = await users.find(sql, userId);
  if (!user) throw new UserNotFoundError();
  if (!(await verifyPassword(current_password, user.password_hash, config.bcryptCost))) throw wrongPassword();
  const hash = await hashPassword(new_password, config.bcryptCost);
  await sql.at(userId).transaction(async (tx) => {
    // Another change was faster: what was verified is not the password any more.
    if (!(await users.replacePassword(tx, userId, user.password_hash, hash))) throw wrongPassword();
    await sessions.endAll(tx, userId, keptSession);
  });
  desk.standingChanged(userId);
}

function wrongPassword(): BadCredentialsError {
  return new BadCredentialsError("The current password is not right.");
}

/** The row and the sessions go at once; the username's claim stays, so that nobody else can be taken for them. */
export async function deleteAccount(desk: Desk, userId: number): Promise<void> {
  await desk.sql.at(userId).transaction(async (tx) => {
    if (await users.remove(tx, userId)) await desk.publish(tx, "user.deleted", { user_id: userId });
  });
  await touch(desk.stamps, [stampOf.author(userId)]);
  desk.standingChanged(userId);
  await freeEmailOf(desk.sql, userId);
}
