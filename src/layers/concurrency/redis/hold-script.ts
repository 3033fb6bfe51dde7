import { script } from '../../../redis/script.ts';

/**
 * Says how many places of a bucket a member wants to hold, in all: those that are taken and some more. A call that is made twice
 * does nothing twice. What is not renewed in time goes to others: whoever held it is dead, or stands still.
 * KEYS: the bucket. ARGV: limit, id of the member, places that it wants, those of them that are taken, ms that they are held.
 * Replies: places that it holds now (never fewer than are taken: nobody can be put out), places that nobody holds.
 * Kept as a hash: id of the member → its places and until when, in µs of Redis' clock.
 */
export const HOLD = script(
  'hold',
  `#!lua
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local key, id = KEYS[1], ARGV[2]
local limit, want, taken, ttl = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local all = redis.pcall('HGETALL', key)
if all.err then
  redis.call('DEL', key)
  all = {}
end
local others = 0
for at = 1, #all, 2 do
  local places, expiry = all[at + 1]:match('^(%d+) (%d+)$')
  places, expiry = tonumber(places), tonumber(expiry)
  -- A clock that has stepped back would keep the places of the dead for as long.
  if not places or expiry <= now or expiry > now + ttl * 1000 * 2 then
    if all[at] ~= id then redis.call('HDEL', key, all[at]) end
  elseif all[at] ~= id then
    others = others + places
  end
end
local free = math.max(0, limit - others)
local held = math.max(taken, math.min(want, free))
if held == 0 then
  redis.call('HDEL', key, id)
else
  redis.call('HSET', key, id, string.format('%.0f %.0f', held, now + ttl * 1000))
  redis.call('PEXPIRE', key, string.format('%.0f', ttl * 2))
end
return { held, math.max(0, free - held) }
`,
);
