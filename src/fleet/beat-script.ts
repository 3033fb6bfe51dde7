import { script } from '../redis/script.ts';

/**
 * What both scripts begin with. Times are ms of Redis' clock. They decide nothing but what may be cleaned up, and so a clock
 * that steps costs no member its life: a time that is as far in the future is as old as one in the past.
 */
const BEGIN_LUA = `
local HOUR, LEAVES, SLOT, SLOTS, KEEP = 3600000, 600000, 600000, 6, 7200000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function text(number) return string.format('%.0f', number) end
local function whole(digits)
  if digits and #digits <= 15 and not string.find(digits, '%D') and digits ~= '' then return tonumber(digits) end
end

-- What somebody else has put in the place of a hash would refuse all that is done with it.
local function clear(key)
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', key) end
  return key
end
`;

/**
 * Writes a member's beat, and says who else has beaten.
 * KEYS: Keys.members, Keys.memberCounts (one slot).
 * ARGV: the member's id; its beat number; how many members it has seen beating; member_ttl (ms).
 * Replies: most members at a time within about the last hour (text); then for each member its id and its beat number (text), or
 * "left".
 *
 * Members are a hash, id → `<beat number> <ms>` or `left <ms>`; whatever may come behind a space there is for later versions.
 * What has not been written for an hour is removed, a mark of who left after ten minutes; other texts are none of ours: they
 * are let be. Who has left stays so: a beat of its own that comes late must not bring it back.
 * Counts are a hash, number of a slot of ten minutes → most members within it: what its members say or, since a first beat has
 * seen nobody yet, those who have beaten within member_ttl. Both keys expire after two hours without a beat.
 */
export const BEAT = script(
  'beat',
  `#!lua
${BEGIN_LUA}
local members, list, fresh = redis.call('HGETALL', clear(KEYS[1])), {}, 1
local has_left, ttl = false, tonumber(ARGV[4])
for i = 1, #members, 2 do
  local id, value = members[i], members[i + 1]
  local word, at, rest = string.match(value, '^(%w+) (%d+)(.?)')
  local beats = word and word ~= 'left'
  if word and #at <= 15 and (rest == '' or rest == ' ') and (not beats or whole(word)) then
    local age = math.abs(now - at)
    if age > (beats and HOUR or LEAVES) then
      redis.call('HDEL', KEYS[1], id)
    elseif id == ARGV[1] then
      has_left = not beats
    else
      if beats and age <= ttl then fresh = fresh + 1 end
      list[#list + 1] = id
      list[#list + 1] = word
    end
  end
end
list[#list + 1] = ARGV[1]
if has_left then
  list[#list + 1] = 'left'
else
  redis.call('HSET', KEYS[1], ARGV[1], text(ARGV[2]) .. ' ' .. text(now))
  list[#list + 1] = text(ARGV[2])
end

local current = math.floor(now / SLOT)
local counts, count, written, most = redis.call('HGETALL', clear(KEYS[2])), math.max(fresh, tonumber(ARGV[3])), 0, 0
for i = 1, #counts, 2 do
  local slot, members = whole(counts[i]), whole(counts[i + 1])
  if slot and math.abs(slot - current) > SLOTS then
    redis.call('HDEL', KEYS[2], counts[i])
  elseif slot and members then
    if slot == current then written = members end
    most = math.max(most, members)
  end
end
if count > written then redis.call('HSET', KEYS[2], text(current), text(count)) end
redis.call('PEXPIRE', KEYS[1], KEEP)
redis.call('PEXPIRE', KEYS[2], KEEP)
table.insert(list, 1, text(math.max(most, count)))
return list
`,
);

/**
 * Marks a member as one that has left, so that nobody waits for it.
 * KEYS: Keys.members. ARGV: the member's id. Replies: 1.
 */
export const LEAVE = script(
  'leave',
  `#!lua
${BEGIN_LUA}
redis.call('HSET', clear(KEYS[1]), ARGV[1], 'left ' .. text(now))
redis.call('PEXPIRE', KEYS[1], KEEP)
return 1
`,
);
