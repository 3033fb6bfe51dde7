import { script } from '../../../redis/script.ts';
import { BUCKET_LUA } from './bucket.lua.ts';
import { LIFE_LUA } from './life.lua.ts';
import { WINDOWS_LUA } from './windows.lua.ts';

const NOW_LUA = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
`;

/**
 * Takes from all of some buckets, or from none.
 * KEYS: the bucket of each demand; then, for each demand that is `strict`, the mark of the life of its data.
 * ARGV: a random text, unique to the call; then for each demand: kind (b bucket, l log, c counter, f fixed window), limit (tokens), rate (tokens a
 * second), window (µs), cost (tokens), want (tokens to take ahead, at least the cost; 0: takes the cost and no more), tau (µs that
 * they may be spent), strict (1 or 0).
 * Replies: 1 or 0, whether it was admitted; then for each demand: tokens taken, when what was taken ahead expires (µs of Redis'
 * clock, names its slice), tokens left, µs until the cost is there (of what was admitted and not taken ahead: 0), µs until the limit is there.
 */
export const TAKE = script(
  'take',
  `#!lua
${NOW_LUA}${BUCKET_LUA}${WINDOWS_LUA}${LIFE_LUA}
local KINDS = { b = Bucket, l = Log, c = Counter, f = Fixed }
local FIELDS = 8
local count = (#ARGV - 1) / FIELDS
local demands, admitted, strict = {}, true, count
for i = 1, count do
  local at = 1 + (i - 1) * FIELDS
  local d = {
    kind = KINDS[ARGV[at + 1]], key = KEYS[i], id = ARGV[1],
    limit = tonumber(ARGV[at + 2]), rate = tonumber(ARGV[at + 3]), window = tonumber(ARGV[at + 4]),
    cost = tonumber(ARGV[at + 5]), want = tonumber(ARGV[at + 6]), tau = tonumber(ARGV[at + 7]),
  }
  if ARGV[at + 8] == '1' then
    strict = strict + 1
    d.life = lifeOf(KEYS[strict], ARGV[1])
  end
  d.state = d.kind.read(d)
  if d.kind.level(d) < d.cost then admitted = false end
  demands[i] = d
end
local reply = { admitted and 1 or 0 }
for _, d in ipairs(demands) do
  local taken, expiry = 0, 0
  if admitted and d.cost > 0 then
    taken, expiry = d.kind.take(d)
    d.kind.write(d)
  elseif d.moved or (d.life and d.cost > 0) then
    d.kind.write(d)
  end
  reply[#reply + 1] = taken
  reply[#reply + 1] = expiry
  reply[#reply + 1] = d.kind.level(d)
  reply[#reply + 1] = (admitted and d.want == 0) and 0 or d.kind.wait(d, d.cost)
  reply[#reply + 1] = d.kind.wait(d, d.limit)
end
return reply
`,
);

/**
 * Puts tokens back that were taken ahead and not spent: from a slice that lives into the level, once for an id.
 * KEYS: the bucket. ARGV: limit, rate, expiry that names the slice, tokens, id of the lease, tau (µs).
 * Replies 1 when they are back; 0 when it was too late, or had been done.
 */
export const GIVE_BACK = script(
  'give-back',
  `#!lua
${NOW_LUA}${BUCKET_LUA}
local d = {
  key = KEYS[1], limit = tonumber(ARGV[1]), rate = tonumber(ARGV[2]), tau = tonumber(ARGV[6]), cost = 0, want = 0,
}
local expiry, amount, id = tonumber(ARGV[3]), tonumber(ARGV[4]) * MICRO, ARGV[5]
d.state = Bucket.read(d)
for _, s in ipairs(d.state[5]) do
  if s[1] == expiry and s[2] >= amount then
    for _, known in ipairs(s[3]) do if known == id then return 0 end end
    s[2] = s[2] - amount
    s[3][#s[3] + 1] = id
    d.state[1] = d.state[1] + amount
    Bucket.write(d)
    return 1
  end
end
return 0
`,
);
