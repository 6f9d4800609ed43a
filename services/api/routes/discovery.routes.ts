import { type Route, toAction } from "../route";

export const discoveryRoutes: Route[] = [
  toAction("discovery", "GET /discovery/nodes", "discovery.nodes"),
  toAction("discovery", "GET /discovery/services", "discovery.services"),
  toAction("discovery", "GET /discovery/health", "discovery.health"),
];
