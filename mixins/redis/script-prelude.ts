/**
 * `history()` names the unbroken history of writes that this server's data stands in: Redis takes a new replication id at each start
 * and at each promotion of a replica, which are the moments at which acknowledged writes may be lost. `clock()`: ms since 1970.
 */
export const prelude = `
local function history()
  return string.sub(string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)'), 1, 10)
end
local function clock()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
`;
