/**
 * What all scripts of circuits begin with: the circuit as it is stored, and the caller's view of it, of which the later one wins.
 *
 * A circuit is a hash. `turn`: the fleet's last transition, `<n> <random> <open|closed> <reason>`, of which the greater
 * (n, random) is the later: a number alone would come again after data were lost. `owner`: who may try it, `<token> <until>`.
 * `contact`: since when there have been reports without a gap, and the last one, `<since> <last>`. All other fields are
 * members' ids: `<last report> <last traffic> <vote> <turn that it has had a success since>`. Times are ms of Redis' clock;
 * they decide how old a report is, and never how long a circuit stays open. A time that is far in the future is as good as one
 * that is long past: a clock that steps costs a report or a lease, which are made again. What cannot be read is nothing.
 */
export const FLEET_CIRCUIT_LUA = `
local LEASE, FRESH, FORGOTTEN, GAP, SETTLED, KEEP = 5000, 10000, 60000, 4000, 3000, 3600000
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local key, openFor = KEYS[1], tonumber(ARGV[2])

local function text(number) return string.format('%.0f', number) end
local function whole(digits)
  if digits and #digits <= 15 and string.find(digits, '^%d+$') then return tonumber(digits) end
end
local function isWithin(at, ms) return at ~= nil and math.abs(now - at) <= ms end

local kind = redis.call('TYPE', key).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', key) end

local function turnOf(value)
  local n, random, state, reason = string.match(value or '', '^(%d+) ([0-9a-f]+) (%l+) (.*)$')
  n = whole(n)
  if n and (state == 'open' or state == 'closed') then
    return { n = n, random = random, state = state, reason = reason }
  end
end

local current, changed = turnOf(redis.call('HGET', key, 'turn')), 0

-- Nobody owns the trials of what comes then.
local function turn(to)
  redis.call('HSET', key, 'turn', text(to.n) .. ' ' .. to.random .. ' ' .. to.state .. ' ' .. to.reason)
  redis.call('HDEL', key, 'owner')
  current, changed = to, 1
end

-- The next transition: greater than the stored one and the caller's, which has been merged by then.
local function turnTo(state, random, reason)
  turn({ n = (current and current.n or 0) + 1, random = random, state = state, reason = reason })
end

local function keep() redis.call('PEXPIRE', key, text(KEEP + 4 * openFor)) end

-- Its token, as long as no other has taken its place, and ms that its lease lasts yet.
local function owner()
  local token, upto = string.match(redis.call('HGET', key, 'owner') or '', '^([0-9a-f]+) (%d+)$')
  upto = whole(upto)
  if not upto then return '', 0 end
  local left = upto - now
  return token, (left > 0 and left <= LEASE) and left or 0
end

local function reply(done)
  local token, left = owner()
  local it = current or { n = 0, random = '', state = 'closed', reason = '' }
  return { done, changed, text(it.n), it.random, it.state, it.reason, token, text(left) }
end

local view = turnOf(ARGV[1])
local isLater = view and (not current or view.n > current.n or (view.n == current.n and view.random > current.random))
if isLater then
  turn(view)
  keep()
end
`;
