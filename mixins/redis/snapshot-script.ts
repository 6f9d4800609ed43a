import { stamping } from "./stamp-scripts";
import { timelineReading } from "./timeline-scripts";

/**
 * Keys: the timeline, then the stamps. Limit, ttl, longest life, a fresh stamp, its life. Answers one text, for which Node compares
 * with that of the last time what it would else take apart: floor, following_version and members with scores, then the stamps.
 * Empty where no timeline is open.
 */
export const feedSnapshot = `${timelineReading}
${stamping}
local marker, members = page(KEYS[1], '', '', ARGV[1], ARGV[2], tonumber(ARGV[3]))
if not marker then return '' end
local names = {}
for i = 2, #KEYS do names[i - 1] = KEYS[i] end
return table.concat({ whole(marker.floor), marker.of, table.concat(members, ','), stamps(names, ARGV[4], ARGV[5]) }, '\\n')`;
