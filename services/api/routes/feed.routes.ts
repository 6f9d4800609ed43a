import { type Route, toAction } from "../route";

export const feedRoutes: Route[] = [
  toAction("newsfeed", "GET /feed", "newsfeed.read"),
  toAction("newsfeed", "GET /feed/metadata", "newsfeed.metadata"),
  toAction("newsfeed", "POST /feed/rebuild", "newsfeed.rebuild"),
];
