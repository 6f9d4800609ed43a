import jwt from "jsonwebtoken";
import type { Config } from "../../lib/config";
import type { Role } from "../../lib/contract";
import { UnauthenticatedError } from "../../lib/errors";
import type { SigningKeys } from "../../lib/signing-keys";

/** What an access token says. The role is for its bearer to read; what counts is the one in the database. */
export interface AccessClaims {
  user_id: number;
  session_id: string;
  expiresAtMs: number;
}

/** What a token is good for: everything its bearer may do, or opening a stream alone. */
export type TokenUse = "access" | "stream";

/** Makes and reads access tokens and tickets for streams: JWTs signed by HMAC-SHA-256, short-lived, told apart by their audience. */
export class AccessTokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly config: Pick<Config, "jwtIssuer" | "jwtAudience" | "accessTokenSeconds">,
  ) {}

  sign(user: { id: number; role: Role }, sessionId: string, use: TokenUse = "access"): string {
    const { kid, key } = this.keys.newest;
    return jwt.sign({ sid: sessionId, role: user.role }, key, {
      algorithm: "HS256",
      keyid: kid,
      issuer: this.config.jwtIssuer,
      audience: this.audience(use),
      subject: String(user.id),
      expiresIn: this.config.accessTokenSeconds,
    });
  }

  /** @throws {UnauthenticatedError} for any token that is not ours, or not valid now. */
  verify(token: string, use: TokenUse = "access"): AccessClaims {
    const key = this.keys.find(kidOf(token) ?? "");
    if (key === undefined) throw new UnauthenticatedError();
    const { sub, sid, exp } = this.read(token, key, use);
    const user_id = Number(sub);
    if (!Number.isSafeInteger(user_id) || user_id <= 0 || typeof sid !== "string" || exp === undefined) {
      throw new UnauthenticatedError();
    }
    return { user_id, session_id: sid, expiresAtMs: exp * 1000 };
  }

  private audience(use: TokenUse): string {
    const { jwtAudience } = this.config;
    return use === "access" ? jwtAudience : `${jwtAudience}/${use}`;
  }

  private read(token: string, key: NonNullable<ReturnType<SigningKeys["find"]>>, use: TokenUse): jwt.JwtPayload {
    try {
      const payload = jwt.verify(token, key, {
        algorithms: ["HS256"],
        issuer: this.config.jwtIssuer,
        audience: this.audience(use),
      });
      return typeof payload === "string" ? {} : payload;
    } catch {
      throw new UnauthenticatedError();
    }
  }
}

/** Read before the signature is checked: it only chooses among keys that are ours. */
function kidOf(token: string): string | undefined {
  try {
    const header = JSON.parse(Buffer.from(token.split(".", 1)[0]!, "base64url").toString("utf8")) as unknown;
    const kid = (header as { kid?: unknown } | null)?.kid;
    return typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
}
