import { prelude } from "./script-prelude";

/** A key holds `<version>:<until>:<history>:<value>`: the newest version known, and a value of it where there is one. */
const cache = `${prelude}
local function known(key)
  return tonumber(string.match(redis.call('GET', key) or '', '^%d+')) or -1
end
`;

export const cacheScripts = {
  /** The values of these keys, or nil: of what is not cached, what has run out, and what is of another history. */
  cacheRead: `${cache}
local now, here, values = clock(), history(), {}
for i, stored in ipairs(redis.call('MGET', unpack(KEYS))) do
  values[i] = false
  if stored then
    local _, ends, till, of_history = string.find(stored, '^%d+:(%d+):(%x*):')
    if of_history == here and tonumber(till) > now then values[i] = string.sub(stored, ends + 1) end
  end
end
return values`,

  /** Version, life of a value, value. */
  cacheFill: `${cache}
local key, version, life = KEYS[1], ARGV[1], tonumber(ARGV[2])
if tonumber(version) < known(key) then return 0 end
local till = string.format('%.0f', clock() + life)
-- The mark of a version outlives the value, for as long as a late filler is refused by it.
local ttl = math.max(life, redis.call('PTTL', key))
redis.call('SET', key, table.concat({ version, till, history(), ARGV[3] }, ':'), 'PX', ttl)
return 1`,

  /** Version, life of a mark. */
  cacheRaise: `${cache}
for _, key in ipairs(KEYS) do
  if tonumber(ARGV[1]) > known(key) then
    redis.call('SET', key, ARGV[1] .. ':0::', 'PX', ARGV[2])
  elseif redis.call('PTTL', key) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', key, ARGV[2])
  end
end
return 1`,
};
