/**
 * Windows. Part of scripts: knows `now`, in µs.
 *
 * A log is a sorted set of the times at which a token was taken; a counter is msgpack { start of its window, taken in it, taken
 * in the one before }; a fixed window is msgpack { its end, taken in it }, and begins with the first that is taken. A clock that steps back takes what is there along.
 */
export const WINDOWS_LUA = `
local Log = {}

function Log.read(d)
  local newest = redis.pcall('ZREVRANGE', d.key, 0, 0, 'WITHSCORES')
  if newest.err then
    redis.call('DEL', d.key)
    newest = {}
  end
  local ahead = newest[2] and tonumber(newest[2]) - now or 0
  if ahead > 0 then
    local all = redis.call('ZRANGE', d.key, 0, -1, 'WITHSCORES')
    for at = 1, #all, 2 do redis.call('ZADD', d.key, string.format('%.0f', tonumber(all[at + 1]) - ahead), all[at]) end
  end
  redis.call('ZREMRANGEBYSCORE', d.key, '-inf', string.format('%.0f', now - d.window))
  return { d.limit - redis.call('ZCARD', d.key) }
end

function Log.level(d) return math.max(0, d.state[1]) end

function Log.wait(d, tokens)
  local missing = tokens - d.state[1]
  if missing <= 0 then return 0 end
  local last = redis.call('ZRANGE', d.key, missing - 1, missing - 1, 'WITHSCORES')
  return last[2] and math.max(1, tonumber(last[2]) + d.window - now) or 1
end

function Log.take(d)
  for at = 1, d.cost do redis.call('ZADD', d.key, string.format('%.0f', now), d.id .. ':' .. at) end
  d.state[1] = d.state[1] - d.cost
  return d.cost, 0
end

function Log.write(d) redis.call('PEXPIRE', d.key, string.format('%.0f', math.ceil(d.window / 1000) + 1000)) end

local Counter = {}

function Counter.read(d)
  local raw = redis.pcall('GET', d.key)
  local ok, c = false, nil
  if type(raw) == 'string' then ok, c = pcall(cmsgpack.unpack, raw) end
  local start = math.floor(now / d.window) * d.window
  if not (ok and type(c) == 'table' and type(c[1]) == 'number' and type(c[2]) == 'number' and type(c[3]) == 'number') then
    return { start, 0, 0 }
  end
  local passed = math.floor((start - c[1]) / d.window + 0.5)
  d.moved = passed < 0
  if passed <= 0 then return { start, c[2], c[3] } end
  return { start, 0, passed == 1 and c[2] or 0 }
end

function Counter.level(d)
  local c = d.state
  return math.max(0, math.floor(d.limit - c[2] - c[3] * (1 - (now - c[1]) / d.window)))
end

function Counter.wait(d, tokens)
  if Counter.level(d) >= tokens then return 0 end
  local c = d.state
  local room = d.limit - c[2] - tokens
  local due = room >= 0 and (1 - room / c[3]) * d.window or (2 - (d.limit - tokens) / c[2]) * d.window
  return math.max(1, math.ceil(c[1] + due - now))
end

function Counter.take(d)
  d.state[2] = d.state[2] + d.cost
  return d.cost, 0
end

function Counter.write(d)
  redis.call('SET', d.key, cmsgpack.pack(d.state), 'PX', string.format('%.0f', math.ceil(2 * d.window / 1000) + 1000))
end

local Fixed = {}

function Fixed.read(d)
  local raw = redis.pcall('GET', d.key)
  local ok, f = false, nil
  if type(raw) == 'string' then ok, f = pcall(cmsgpack.unpack, raw) end
  if not (ok and type(f) == 'table' and type(f[1]) == 'number' and type(f[2]) == 'number') or f[1] <= now then
    return { now + d.window, 0 }
  end
  d.moved = f[1] > now + d.window
  return { math.min(f[1], now + d.window), f[2] }
end

function Fixed.level(d) return math.max(0, d.limit - d.state[2]) end

function Fixed.wait(d, tokens) return Fixed.level(d) >= tokens and 0 or d.state[1] - now end

function Fixed.take(d)
  d.state[2] = d.state[2] + d.cost
  return d.cost, 0
end

function Fixed.write(d)
  redis.call('SET', d.key, cmsgpack.pack(d.state), 'PX', string.format('%.0f', math.ceil((d.state[1] - now) / 1000) + 1000))
end
`;
