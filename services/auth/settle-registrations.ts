import { emailClaims, type NewClaim, usernameClaims } from "./claims.repository";
import type { Office } from "./open-accounts";
import * as registrations from "./registrations.repository";
import { emailKey, usernameKey } from "./username-rules";

/**
 * Brings registrations whose rows are written to their end: with both claims confirmed by their token the account is open and
 * announced, otherwise its row and what is left of its claims go. Anybody may do it, any number of times.
 * @returns the ids that were undone.
 */
export async function settle(office: Office, rows: readonly registrations.Registration[]): Promise<number[]> {
  const { sql } = office;
  const usernames = usernameClaimsOf(rows);
  const emails = emailClaimsOf(rows);
  const heldNames = await usernameClaims.confirmMany(sql, usernames);
  const heldEmails = await emailClaims.confirmMany(sql, emails);
  const isHeld = rows.map((_, i) => heldNames.has(usernames[i]!.key) && heldEmails.has(emails[i]!.key));

  const open = rows.filter((_, i) => isHeld[i]).map(({ id }) => id);
  for (const { shard, keys } of sql.group(open)) {
    await shard.transaction(async (tx) => {
      const opened = await registrations.confirmMany(tx, keys);
      await office.publishMany(
        tx,
        "user.created",
        opened.map(({ id, created_at }) => ({ user_id: id, created_at })),
      );
    });
  }

  const lost = rows.filter((_, i) => !isHeld[i]).map(({ id }) => id);
  if (lost.length > 0) {
    // The rows go last: as long as one stands, the sweeper finds what a crash here leaves.
    await usernameClaims.releaseMany(
      sql,
      usernames.filter((_, i) => !isHeld[i]),
    );
    await emailClaims.releaseMany(
      sql,
      emails.filter((_, i) => !isHeld[i]),
    );
    await registrations.undoMany(sql, lost);
  }
  return lost;
}

/** Clears up behind registrations that died, on every shard: what has a row is settled, a claim without one is freed. */
export async function settleAbandoned(office: Office): Promise<void> {
  const { sql } = office;
  for (const shard of sql.shards) {
    await settle(office, await registrations.abandonedOn(shard));
    for (const claims of [usernameClaims, emailClaims]) {
      const abandoned = await claims.abandonedOn(shard);
      const rows = await registrations.findMany(
        sql,
        abandoned.map(({ user_id }) => user_id),
      );
      const ofRow = abandoned.filter(({ user_id, token }) => rows.get(user_id)?.claim_token === token);
      await settle(
        office,
        ofRow.flatMap(({ user_id }) => rows.get(user_id) ?? []),
      );
      await claims.releaseUnconfirmed(
        sql,
        abandoned.filter((claim) => !ofRow.includes(claim)),
      );
    }
  }
}

export function usernameClaimsOf(rows: readonly registrations.Registration[]): NewClaim[] {
  return rows.map(({ id, username, claim_token }) => ({ key: usernameKey(username), user_id: id, token: claim_token }));
}

export function emailClaimsOf(rows: readonly registrations.Registration[]): NewClaim[] {
  return rows.map(({ id, email, claim_token }) => ({ key: emailKey(email), user_id: id, token: claim_token }));
}
