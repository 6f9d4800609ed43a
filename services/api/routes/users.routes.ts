import { objectId } from "../../../lib/fields";
import { authContract } from "../../auth/auth.contract";
import { me } from "../../graph/graph.contract";
import { composed, type Route, toAction } from "../route";

export const usersRoutes: Route[] = [
  toAction("users", "GET /users/me", "graph.me"),
  composed("users", "PATCH /users/me", {
    summary: "Changes the viewer's profile. The avatar is one of their uploads, or null.",
    params: authContract.actions.updateProfile.params.extend({ avatar_media_id: objectId.nullable().optional() }),
    result: me,
    async run(call, { avatar_media_id, ...profile }) {
      // The avatar first: it is what may be refused, and then nothing has changed.
      if (avatar_media_id !== undefined) await call("media.claimAvatar", { media_id: avatar_media_id });
      if (Object.keys(profile).length > 0) await call("auth.updateProfile", profile);
      return call("graph.me", {});
    },
  }),
  toAction("users", "DELETE /users/me", "auth.deleteAccount"),
  toAction("users", "GET /users", "graph.search"),
  toAction("users", "GET /users/{username}", "graph.profile"),
];
