import { z } from "zod";
import { defineContract } from "../../lib/contract";
import { count } from "../../lib/fields";

const node = z.object({
  id: z.string(),
  is_available: z.boolean(),
  is_local: z.boolean(),
  services: z.array(z.string()),
  moleculer_version: z.string(),
  cpu_percent: z.number().nullable(),
  seconds_since_heartbeat: count.nullable(),
});
const service = z.object({
  name: z.string(),
  node_ids: z.array(z.string()),
  actions: z.array(z.string()),
  is_available: z.boolean(),
});

export const discoveryContract = defineContract({
  name: "discovery",
  actions: {
    nodes: {
      summary: "Which nodes there are.",
      access: "moderator",
      params: z.object({}),
      result: z.object({ items: z.array(node), next_cursor: z.null() }),
      idempotent: true,
    },
    services: {
      summary: "Which services there are, and where.",
      access: "moderator",
      params: z.object({}),
      result: z.object({ items: z.array(service), next_cursor: z.null() }),
      idempotent: true,
    },
    health: {
      summary: "Whether each service of the house is reachable, and how nodes find each other.",
      access: "moderator",
      params: z.object({}),
      result: z.object({
        is_healthy: z.boolean(),
        services: z.record(z.string(), z.boolean()),
        nodes: count,
        discoverer: z.enum(["in_process", "heartbeats", "zookeeper"]),
        // Null where none is used. While it is false, nodes go on with those that they know.
        is_zookeeper_connected: z.boolean().nullable(),
      }),
      idempotent: true,
    },
  },
  events: {},
  consumes: {},
});
