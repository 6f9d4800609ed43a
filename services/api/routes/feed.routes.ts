import { type Route, toAction } from "../route";

/** What stays open has files of its own: `GET /feed/stream` live/serve-stream.ts, `GET /feed/socket` live/accept-socket.ts. */
export const feedRoutes: Route[] = [
  toAction("newsfeed", "GET /feed", "newsfeed.read"),
  toAction("newsfeed", "GET /feed/metadata", "newsfeed.metadata"),
  toAction("newsfeed", "POST /feed/rebuild", "newsfeed.rebuild"),
  toAction("newsfeed", "POST /feed/stream/ticket", "auth.issueTicket", { status: 201, fill: ["session_id"] }),
];
