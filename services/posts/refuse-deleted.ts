import { UnauthenticatedError } from "../../lib/errors";
import type { Reader } from "../../mixins/documents";
import * as deletions from "./deletions.repository";

/** Within a write: whoever was deleted meanwhile must leave nothing behind that `user.deleted` no longer finds. */
export async function refuseDeleted(tx: Reader, user_id: number): Promise<void> {
  if (await deletions.find(tx, "user", user_id)) throw new UnauthenticatedError("This account was deleted.");
}
