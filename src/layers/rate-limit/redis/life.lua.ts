/**
 * The life of the data that a bucket is among: another one begins when Redis starts without them, after a failover and after
 * FLUSHALL, all of which may have lost what was taken. Read where the data are, since a connection may outlive a life: the run of
 * the server and the offset at which it was made master, with a mark beside the buckets. The id is random, never a number that
 * an older copy of the data could bring again.
 */
export const LIFE_LUA = `
local function lifeOf(key, random)
  local server = redis.call('INFO', 'server'):match('run_id:(%w+)') or ''
  local source = server .. ':' .. (redis.call('INFO', 'replication'):match('second_repl_offset:(-?%d+)') or '')
  local mark = redis.pcall('GET', key)
  if type(mark) == 'string' then
    local id, start, from = mark:match('^(%S+) (%d+) (.*)$')
    if from == source then
      redis.call('EXPIRE', key, 604800)
      return { id = id, start = tonumber(start) }
    end
  end
  redis.call('SET', key, random .. ' ' .. string.format('%.0f', now) .. ' ' .. source, 'EX', 604800)
  return { id = random, start = now }
end
`;
