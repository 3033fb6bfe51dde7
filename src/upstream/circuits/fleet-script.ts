import { script } from '../../redis/script.ts';
import { FLEET_CIRCUIT_LUA } from './fleet-circuit.lua.ts';

/**
 * What all of them take and reply. KEYS: Keys.circuit.
 * ARGV: 1 the caller's view, as `turn` is stored (empty: it knows of none), which is written back if it is the later one;
 * 2 open_for (ms). Then each its own.
 * Replies: 1 or 0, whether it was done; 1 or 0, whether there was a transition, or one was written back: others are to be
 * told; then the circuit: n, random, "open" or "closed", reason; token of the owner ('': none); ms that its lease lasts yet.
 * The key expires an hour and 4 × open_for after it was last written.
 */

/**
 * A member says that it has had traffic, votes, or withdraws its vote, and hears how the circuit is. Opens it, when a vote
 * comes, on the votes of more than quorum of the machines that have had traffic within ten seconds or vote, and of two at least.
 * ARGV: 3 the member's id; 4 ms since it has had traffic, 5 ms since its own circuit opened (either empty: it has not: without
 * both it is not counted any more); 6 `<n>:<random>` of the turn that it has had a success of its own since; 7 quorum (0 to 1);
 * 8 random hex digits; 9 why its own circuit opened; from 10 on the ids of all living members, if it votes.
 *
 * A machine votes by more than half of its threads that are counted. Votes count of living members, within 2 × open_for, and,
 * after the fleet has closed the circuit, of those who have had a success since: others have only failed, and may be to blame
 * themselves. Nothing opens within three seconds after a gap between reports (Redis was away, came back empty, its clock stepped):
 * who is well may not have reported yet.
 */
export const REPORT = script(
  'circuit-report',
  `#!lua
${FLEET_CIRCUIT_LUA}
local id, traffic, vote = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
if not traffic and not vote then
  redis.call('HDEL', key, id)
  return reply(1)
end

local since, last = string.match(redis.call('HGET', key, 'contact') or '', '^(%d+) (%d+)$')
since, last = whole(since), whole(last)
local isMinute = not last or math.floor(last / FORGOTTEN) ~= math.floor(now / FORGOTTEN)
if not since or not last or now < last or now - last > GAP then since = now end
local at, voted = traffic and now - traffic or 0, vote and now - vote or 0
redis.call(
  'HSET', key, 'contact', text(since) .. ' ' .. text(now),
  id, text(now) .. ' ' .. text(at) .. ' ' .. text(voted) .. ' ' .. ARGV[6]
)
keep()

local counts = vote and now - since >= SETTLED and not (current and current.state == 'open')
if not counts and not isMinute then return reply(1) end

local living, machines, fields = {}, {}, redis.call('HGETALL', key)
for i = 10, #ARGV do living[ARGV[i]] = true end
for i = 1, #fields, 2 do
  local member, value = fields[i], fields[i + 1]
  local seen, used, opened, since_turn = string.match(value, '^(%d+) (%d+) (%d+) (%S*)$')
  seen, used, opened = whole(seen), whole(used), whole(opened)
  if not isWithin(seen, FORGOTTEN) then
    if member ~= 'turn' and member ~= 'owner' and member ~= 'contact' then redis.call('HDEL', key, member) end
  elseif living[member] and isWithin(seen, FRESH) then
    local votes = isWithin(opened, 2 * openFor)
    if votes or isWithin(used, FRESH) then
      local name = string.match(member, '^(.+)/[^/]+/[^/]+$') or member
      local machine = machines[name] or { threads = 0, votes = 0 }
      machines[name] = machine
      machine.threads = machine.threads + 1
      if votes and (not current or since_turn == text(current.n) .. ':' .. current.random) then
        machine.votes = machine.votes + 1
      end
    end
  end
end
if not counts then return reply(1) end

local total, votes = 0, 0
for _, machine in pairs(machines) do
  total = total + 1
  if machine.votes * 2 > machine.threads then votes = votes + 1 end
end
if votes >= 2 and (votes > tonumber(ARGV[7]) * total or votes == total) then
  turnTo('open', ARGV[8], text(votes) .. ' of ' .. text(total) .. ' machines, the last: ' .. ARGV[9])
end
return reply(1)
`,
);

/**
 * Claims the trials of an open circuit, or keeps them for five seconds more.
 * ARGV: 3 a token, random hex digits. Done when the circuit is open, by the transition that the caller knows, and nobody else has
 * it. When it is due is for the caller to know, by its own clock.
 */
export const CLAIM = script(
  'circuit-claim',
  `#!lua
${FLEET_CIRCUIT_LUA}
local token, left = owner()
local is_known = view and current.n == view.n and current.random == view.random
if not is_known or current.state ~= 'open' or (left > 0 and token ~= ARGV[3]) then return reply(0) end
redis.call('HSET', key, 'owner', ARGV[3] .. ' ' .. text(now + LEASE))
keep()
return reply(1)
`,
);

/**
 * What the trials have shown. Done only with the token of the owner, once.
 * ARGV: 3 the token; 4 "open" or "closed"; 5 random hex digits; 6 why ('' when closed).
 */
export const VERDICT = script(
  'circuit-verdict',
  `#!lua
${FLEET_CIRCUIT_LUA}
if owner() ~= ARGV[3] or not current then return reply(0) end
turnTo(ARGV[4], ARGV[5], ARGV[6])
keep()
return reply(1)
`,
);
