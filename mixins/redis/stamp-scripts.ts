import { prelude } from "./script-prelude";

/** A key holds `<history>:<stamp>`. One of another history may have been taken away in that which followed: it is given anew. */
export const stamping = `${prelude}
local function stamps(keys, fresh, life)
  if #keys == 0 then return '' end
  local here, found = history() .. ':', redis.call('MGET', unpack(keys))
  for i, stored in ipairs(found) do
    if stored and string.sub(stored, 1, #here) == here then
      found[i] = string.sub(stored, #here + 1)
    else
      redis.call('SET', keys[i], here .. fresh, 'PX', life)
      found[i] = fresh
    end
  end
  return table.concat(found, ' ')
end
`;

export const stampScripts = {
  /** A fresh stamp, its life. Answers the stamps in the order of the keys. */
  stampsRead: `${stamping}
return stamps(KEYS, ARGV[1], ARGV[2])`,

  stampsDrop: `
for _, key in ipairs(KEYS) do redis.call('DEL', key) end
return 1`,
};
