import type { Config } from "../lib/config";

const BEAT_SECONDS = 3;
/** Looked at as often as it is long: a node that fell silent is given up after one to two of these. NATS knows at once. */
const SILENT_SECONDS = 10;

/** How nodes know of each other: by what they tell through NATS, and heartbeats there. */
export function discovererOf(_config: Config): object {
  return { type: "Local", options: { heartbeatInterval: BEAT_SECONDS, heartbeatTimeout: SILENT_SECONDS } };
}
