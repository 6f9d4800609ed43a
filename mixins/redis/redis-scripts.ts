import { cacheScripts } from "./cache-scripts";
import { feedSnapshot } from "./snapshot-script";
import { stampScripts } from "./stamp-scripts";
import { timelineScripts } from "./timeline-scripts";

/** Gives back a lock, where it is still this holder's. */
const lockRelease = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** Every script by the name of the command that it becomes. The keys of one call lie in one slot. */
export const scripts = { ...timelineScripts, ...cacheScripts, ...stampScripts, feedSnapshot, lockRelease };

export type ScriptName = keyof typeof scripts;
