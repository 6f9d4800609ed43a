import { prelude } from "./script-prelude";
import { TIMELINE_LEAST, TIMELINE_MOST } from "./timelines";

/**
 * A timeline is one ZSET: its entries by time, and below them all a marker `~<state>:<floor>:<history>:<of>:<since>`. The state is
 * building, window or all; `of` the token of a build, later the following_version; `since` when it was opened. No more than 128
 * members of at most 64 bytes: beyond either Redis ends the compact form for good, and with it two thirds of what fits.
 */
const timeline = `${prelude}
local MOST, LEAST = ${TIMELINE_MOST}, ${TIMELINE_LEAST}

-- Longer than what nodes wrote whose members were others: theirs is of another history.
local function own_history() return 'b' .. history() end

local function whole(number) return number and string.format('%.0f', number) or '' end

local function find(key)
  local text = redis.call('ZRANGE', key, 0, 0)[1]
  local state, floor, of_history, of, since = string.match(text or '', '^~(%l+):(%d*):(%x*):(%w+):(%d*)$')
  if not state then return nil end
  return { text = text, state = state, floor = tonumber(floor), history = of_history, of = of, since = tonumber(since) }
end

local function mark(key, marker, ttl)
  if marker.text then redis.call('ZREM', key, marker.text) end
  marker.text = '~' .. table.concat({ marker.state, whole(marker.floor), marker.history, marker.of, whole(marker.since) }, ':')
  redis.call('ZADD', key, '-inf', marker.text)
  redis.call('PEXPIRE', key, ttl)
end

local function raise(key, marker, floor)
  if marker.floor and floor <= marker.floor then return end
  marker.floor = floor
  marker.is_raised = true
  redis.call('ZREMRANGEBYSCORE', key, '(-inf', whole(floor))
end

-- Trims before it adds. What is of the floor's own millisecond goes too, so that all that is newer is there.
local function put(key, marker, ms, member)
  if marker.floor and ms <= marker.floor then return end
  if redis.call('ZCARD', key) > MOST then
    if redis.call('ZSCORE', key, member) then return end
    raise(key, marker, tonumber(redis.call('ZREVRANGE', key, LEAST - 1, LEAST - 1, 'WITHSCORES')[2]))
    if ms <= marker.floor then return end
  end
  redis.call('ZADD', key, whole(ms), member)
end
`;

/** The page of an open timeline below a position, as its marker and its members with scores in turn. */
export const timelineReading = `${timeline}
-- By bytes, for Lua would compare by the locale of the server.
local function reaches(member, id)
  for i = 1, #id do
    local a, b = string.byte(member, i) or 0, string.byte(id, i)
    if a ~= b then return a > b end
  end
  return true
end
local function page(key, before_ms, before_id, limit, ttl, longest)
  local marker = find(key)
  if not marker or marker.state == 'building' then return nil end
  -- One of another history may lack what was added to it, or be one that was dropped.
  if marker.history ~= own_history() or clock() - marker.since >= longest then
    redis.call('DEL', key)
    return nil
  end
  redis.call('PEXPIRE', key, ttl)
  local from, skipped = '+inf', 0
  if before_ms ~= '' then
    from = before_ms
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', key, from, from)) do
      if reaches(member, before_id) then skipped = skipped + 1 end
    end
  end
  return marker, redis.call('ZREVRANGEBYSCORE', key, from, '(-inf', 'WITHSCORES', 'LIMIT', skipped, limit)
end
`;

export const timelineScripts = {
  /** Before this time and id or '', limit, ttl, longest life. Answers floor, following_version and members with scores, or nil. */
  timelinePage: `${timelineReading}
local marker, members = page(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]))
if not marker then return false end
return { whole(marker.floor), marker.of, members }`,

  /**
   * Time and member, into each of these that exists. Most do not, and of those that do most are not full: both are told apart by as
   * few calls as can be, for a call costs more than what it does.
   */
  timelineAdd: `${timeline}
local call, match, ms, member = redis.call, string.match, ARGV[1], ARGV[2]
local at = tonumber(ms)
for _, key in ipairs(KEYS) do
  local size = call('ZCARD', key)
  local marker = size > MOST and find(key)
  if marker then
    local ttl = call('PTTL', key)
    put(key, marker, at, member)
    if marker.is_raised then
      if marker.state == 'all' then marker.state = 'window' end
      mark(key, marker, ttl)
    end
  elseif size > 0 then
    local floor = match(call('ZRANGE', key, 0, 0)[1], '^~%l+:(%d*)')
    if floor == '' or floor and at > tonumber(floor) then call('ZADD', key, ms, member) end
  end
end
return 1`,

  timelineRemove: `
for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end
return 1`,

  timelineDrop: `
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
return 1`,

  /** Token, ttl. */
  timelineBegin: `${timeline}
redis.call('DEL', KEYS[1])
mark(KEYS[1], { state = 'building', history = own_history(), of = ARGV[1] }, ARGV[2])
return 1`,

  /** Token, floor or '', following_version, ttl, then time and member of each entry. Answers 1 where the token still stood. */
  timelineFinish: `${timeline}
local key, floor = KEYS[1], tonumber(ARGV[2])
local marker = find(key)
if not marker or marker.state ~= 'building' or marker.of ~= ARGV[1] or marker.history ~= own_history() then return 0 end
if floor then raise(key, marker, floor) end
for i = 5, #ARGV, 2 do put(key, marker, tonumber(ARGV[i]), ARGV[i + 1]) end
marker.state = marker.floor and 'window' or 'all'
marker.of = ARGV[3]
marker.since = clock()
mark(key, marker, ARGV[4])
return 1`,
};
