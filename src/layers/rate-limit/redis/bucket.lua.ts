/**
 * A token bucket whose tokens may be taken ahead (docs/fleet.md). Part of scripts: knows `now`, in µs.
 *
 * Kept as msgpack: { level, time, hold, life, { { expiry, amount, { ids given back } }, … }, full }. Levels and amounts are whole
 * micro-tokens, times whole µs of Redis' clock. `level` is what can be taken; a slice is what has been taken ahead and may be
 * spent until its expiry. It fills only while level and slices together are less than the burst: piecewise, since what expires
 * in between makes room from then on and not before. The time advances by no less than what was credited took. A clock that
 * steps back takes the slices along, so that it neither mints nor stands still. Before `hold` nothing comes in.
 * At `full` it is full by all the limits that have used it: so long it is kept, which of two versions of a limit the larger needs.
 */
export const BUCKET_LUA = `
local MICRO, LONGEST = 1000000, 500000

local function sound(b)
  if type(b) ~= 'table' or type(b[5]) ~= 'table' or type(b[4]) ~= 'string' then return false end
  for i = 1, 3 do if type(b[i]) ~= 'number' then return false end end
  for _, s in ipairs(b[5]) do
    if type(s) ~= 'table' or type(s[1]) ~= 'number' or type(s[2]) ~= 'number' or type(s[3]) ~= 'table' then return false end
  end
  return true
end

local function live(b)
  local sum = 0
  for _, s in ipairs(b[5]) do sum = sum + s[2] end
  return sum
end

local function settle(b, burst, rate)
  if now < b[2] then
    local back = b[2] - now
    for _, s in ipairs(b[5]) do s[1] = s[1] - back end
    b[3] = b[3] - back
    b[6] = (b[6] or 0) - back
    b[2] = now
  end
  while true do
    local first = b[5][1]
    local to = now
    if first and first[1] < now then to = first[1] end
    local from = math.max(b[2], b[3])
    local room = burst - live(b) - b[1]
    if room <= 0 then
      b[1] = math.max(0, b[1] + room)
      b[2] = math.max(b[2], to)
    elseif to <= from then
      b[2] = math.max(b[2], to)
    else
      local credit = math.floor((to - from) * rate)
      if credit >= room then
        b[1] = b[1] + room
        b[2] = to
      else
        b[1] = b[1] + credit
        b[2] = math.min(to, from + math.ceil(credit / rate))
      end
    end
    if not (first and first[1] <= now) then return end
    table.remove(b[5], 1)
  end
end

-- µs until so many micro-tokens are there, if nobody takes any: what is in slices is room when they expire.
local function untilThere(b, burst, rate, amount)
  local level, from, held = b[1], math.max(b[2], b[3]), live(b)
  if level >= amount then return 0 end
  for _, s in ipairs(b[5]) do
    local room = math.max(0, burst - held - level)
    local missing = amount - level
    if missing <= room and from + math.ceil(missing / rate) <= s[1] then
      return math.max(1, from + math.ceil(missing / rate) - now)
    end
    level = level + math.min(room, math.max(0, math.floor((s[1] - from) * rate)))
    from = math.max(from, s[1])
    held = held - s[2]
  end
  return math.max(1, from + math.ceil((amount - level) / rate) - now)
end

local Bucket = {}

function Bucket.read(d)
  local burst = d.limit * MICRO
  local raw = redis.pcall('GET', d.key)
  local ok, b = false, nil
  if type(raw) == 'string' then ok, b = pcall(cmsgpack.unpack, raw) end
  if not (ok and sound(b)) then b = { burst, now, 0, '', {} } end
  -- A step back has to be kept, or it would be found anew by each call and nothing would ever expire.
  d.moved = now < b[2]
  if b[2] ~= now or #b[5] > 0 then settle(b, burst, d.rate) end
  if d.life and b[4] ~= d.life.id then
    -- The data are of another life: what was taken ahead may be spent yet, by the longest time that any configuration has
    -- had for it, and nobody knows what was there.
    local from = d.life.start + math.max(d.tau, LONGEST)
    b[1] = math.min(b[1], math.floor(d.rate * math.max(0, now - from)))
    b[3] = math.max(now, from)
    b[4] = d.life.id
    b[5] = {}
  end
  return b
end

function Bucket.level(d) return math.floor(d.state[1] / MICRO) end

function Bucket.wait(d, tokens) return untilThere(d.state, d.limit * MICRO, d.rate, tokens * MICRO) end

-- @returns tokens, and until when they may be spent if they were taken ahead
function Bucket.take(d)
  local b = d.state
  local tokens = math.max(d.cost, math.min(d.want, math.floor(b[1] / MICRO)))
  b[1] = b[1] - tokens * MICRO
  if d.want == 0 then return d.cost, 0 end
  local width = math.ceil(d.tau / 4)
  local expiry = math.ceil((now + d.tau) / width) * width
  local at = #b[5] + 1
  while at > 1 and b[5][at - 1][1] > expiry do at = at - 1 end
  local same = at > 1 and b[5][at - 1][1] == expiry
  if same then b[5][at - 1][2] = b[5][at - 1][2] + tokens * MICRO
  else table.insert(b[5], at, { expiry, tokens * MICRO, {} }) end
  return tokens, expiry
end

function Bucket.write(d)
  local b = d.state
  local full = math.max(now, b[3]) + (d.limit * MICRO - b[1]) / d.rate + d.tau * 1.25
  b[6] = math.ceil(math.max(type(b[6]) == 'number' and b[6] or 0, full))
  redis.call('SET', d.key, cmsgpack.pack(b), 'PX', string.format('%.0f', math.ceil((b[6] - now) / 1000) + 1000))
end
`;
