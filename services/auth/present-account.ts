import type { Config } from "../../lib/config";
import { publicMediaUrl } from "../../lib/media-url";
import type { Account, Profile } from "./auth.contract";
import type { User } from "./users.repository";

/** What other services may know. */
export function presentProfile(config: Config, user: User): Profile {
  const { id, username, display_name, avatar, bio, website, is_private, is_suspended, role, created_at, version } =
    user;
  return {
    id,
    username,
    display_name,
    avatar: avatar && avatar.renditions.map(({ path, ...rest }) => ({ ...rest, url: publicMediaUrl(config, path) })),
    bio,
    website,
    is_private,
    is_suspended,
    role,
    created_at,
    version,
  };
}

/** What the account itself, and moderators, may know. */
export function presentAccount(config: Config, user: User): Account {
  return { ...presentProfile(config, user), email: user.email };
}
