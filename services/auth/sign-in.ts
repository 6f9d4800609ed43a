import type { Config } from "../../lib/config";
import { InvalidInputError, UnauthenticatedError } from "../../lib/errors";
import { newId } from "../../lib/ids";
import type { AccessTokens, TokenUse } from "./access-tokens";
import { AccountSuspendedError, BadCredentialsError, BadRefreshTokenError } from "./auth.errors";
import type { SignedIn } from "./auth.contract";
import { emailClaims, usernameClaims } from "./claims.repository";
import type { Office } from "./open-accounts";
import { verifyPassword } from "./passwords";
import { presentAccount } from "./present-account";
import * as refreshTokens from "./refresh-tokens";
import * as sessions from "./sessions.repository";
import type { Bearer } from "./standing-cache";
import { emailKey, usernameKey } from "./username-rules";
import * as users from "./users.repository";

/** What signing in needs of its service. */
export interface Desk extends Office {
  config: Config;
  tokens: AccessTokens;
  standingChanged(userId: number): void;
}

export interface Device {
  user_agent: string;
  address: string;
}

/** @throws {BadCredentialsError} alike for an unknown name and a wrong password. */
export async function logIn(
  desk: Desk,
  credentials: { username?: string; email?: string; password: string },
  device: Device | undefined,
): Promise<SignedIn> {
  const user = await named(desk, credentials);
  if (!(await verifyPassword(credentials.password, user?.password_hash, desk.config.bcryptCost)) || !user) {
    throw new BadCredentialsError();
  }
  return openSession(desk, user, device);
}

async function named(
  { sql }: Desk,
  { username, email }: { username?: string; email?: string },
): Promise<users.User | undefined> {
  if ((username === undefined) === (email === undefined)) {
    throw new InvalidInputError([{ field: "username", message: "give either a username or an e-mail address" }]);
  }
  const claim =
    username === undefined
      ? await emailClaims.find(sql, emailKey(email ?? ""))
      : await usernameClaims.find(sql, usernameKey(username));
  return claim?.is_confirmed ? users.find(sql, claim.user_id) : undefined;
}

/** @param user as it was when its password was verified; @throws {AccountSuspendedError} */
export async function openSession(desk: Desk, user: users.User, device: Device | undefined): Promise<SignedIn> {
  const id = newId();
  const family_key = refreshTokens.newFamilyKey();
  const refresh = refreshTokens.issue(user.id, id, family_key);
  await desk.sql.at(user.id).transaction(async (tx) => {
    if (!(await users.lockAsVerified(tx, user))) {
      throw user.is_suspended ? new AccountSuspendedError() : new BadCredentialsError();
    }
    await sessions.insert(tx, {
      id,
      user_id: user.id,
      token_hash: refresh.hash,
      family_key,
      user_agent: storable(device?.user_agent, 512),
      address: storable(device?.address, 64),
      lifeSeconds: desk.config.refreshTokenSeconds,
    });
  });
  return signedIn(desk, user, id, refresh.token);
}

/**
 * Changes a refresh token for new ones. The rule is strict: a token that was used before, be it a moment ago by a request that
 * raced this one, ends the session, for nobody can tell a thief from a second tab.
 */
export async function refresh(desk: Desk, token: string): Promise<SignedIn> {
  const { sql, config } = desk;
  const parsed = refreshTokens.parse(token);
  if (!parsed) throw new BadRefreshTokenError();
  const { user_id, session_id, bytes } = parsed;
  const familyKey = await sessions.familyKey(sql, user_id, session_id);
  if (!familyKey || !refreshTokens.isIssuedBy(familyKey, bytes)) throw new BadRefreshTokenError();
  const next = refreshTokens.issue(user_id, session_id, familyKey);
  const user = await sql.at(user_id).transaction(async (tx) => {
    const row = await users.read(tx, user_id);
    if (!row) throw new BadRefreshTokenError();
    if (row.is_suspended) throw new AccountSuspendedError();
    const rotation = { user_id, id: session_id, from: refreshTokens.hashOf(bytes), to: next.hash };
    const isNewest = await sessions.rotate(tx, { ...rotation, lifeSeconds: config.refreshTokenSeconds });
    return isNewest ? row : undefined;
  });
  if (!user) {
    await sessions.end(sql, user_id, session_id);
    desk.standingChanged(user_id);
    throw new BadRefreshTokenError();
  }
  return signedIn(desk, user, session_id, next.token);
}

/** @throws {UnauthenticatedError | AccountSuspendedError} */
export async function bearerOf({ sql, tokens }: Desk, token: string, use: TokenUse): Promise<Bearer> {
  const claims = tokens.verify(token, use);
  const standing = await sessions.standing(sql, claims.user_id, claims.session_id);
  if (!standing?.has_session) throw new UnauthenticatedError();
  if (standing.is_suspended) throw new AccountSuspendedError();
  return { ...claims, role: standing.role };
}

function signedIn({ config, tokens }: Desk, user: users.User, sessionId: string, refresh_token: string): SignedIn {
  return {
    user: presentAccount(config, user),
    access_token: tokens.sign(user, sessionId),
    refresh_token,
    token_type: "Bearer",
    expires_in: config.accessTokenSeconds,
  };
}

/** What a client says of itself is kept as far as the column and PostgreSQL take it. */
function storable(text = "", maxLength: number): string {
  return text.replaceAll("\0", "").slice(0, maxLength);
}
