import { type Route, toAction } from "../route";

export const graphRoutes: Route[] = [
  toAction("graph", "POST /graph/follow/{user_id}", "graph.follow"),
  toAction("graph", "DELETE /graph/follow/{user_id}", "graph.unfollow", { status: 200 }),
  toAction("graph", "GET /graph/followers/{user_id}", "graph.listFollowers"),
  toAction("graph", "DELETE /graph/followers/{user_id}", "graph.removeFollower"),
  toAction("graph", "GET /graph/following/{user_id}", "graph.listFollowing"),
  toAction("graph", "GET /graph/stats/{user_id}", "graph.stats"),
  toAction("graph", "GET /graph/relationship/{user_id}", "graph.relationship"),
  toAction("graph", "GET /graph/mutual/{user_id}", "graph.listMutual"),
  toAction("graph", "GET /graph/requests", "graph.listRequests"),
  toAction("graph", "POST /graph/requests/{user_id}/accept", "graph.acceptRequest", { status: 204 }),
  toAction("graph", "POST /graph/requests/{user_id}/reject", "graph.rejectRequest", { status: 204 }),
  toAction("graph", "GET /graph/suggestions", "graph.suggestions"),
  toAction("graph", "POST /graph/block/{user_id}", "graph.block", { status: 204 }),
  toAction("graph", "DELETE /graph/block/{user_id}", "graph.unblock"),
  toAction("graph", "GET /graph/blocks", "graph.listBlocks"),
  toAction("graph", "POST /graph/mute/{user_id}", "graph.mute", { status: 204 }),
  toAction("graph", "DELETE /graph/mute/{user_id}", "graph.unmute"),
  toAction("graph", "GET /graph/mutes", "graph.listMutes"),
];
