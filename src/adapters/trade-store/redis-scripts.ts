import { script } from '../redis/script.ts';

/**
 * Stores trades. KEYS: order, queue, then for each trade its hash and its idempotency key (the hash again where it has none). ARGV: milliseconds
 * for which a key is remembered, then id, payload, at, by and digest (empty without a key) of each. Replies a number and an id for each:
 * 0 stored, or stored before under the same id; 1 stored before under the same key; 2 the key is another payload's.
 * The streams come first: of all these writes only theirs could be refused, and then nothing of the trade is there.
 */
export const putScript = script(
  'storing trades',
  `
local replies = {}
for i = 0, (#KEYS - 2) / 2 - 1 do
  local trade, key, at = KEYS[3 + 2 * i], KEYS[4 + 2 * i], 2 + 5 * i
  local id, digest = ARGV[at], ARGV[at + 4]
  local state, known = 0, id
  if redis.call('EXISTS', trade) == 0 then
    local used = digest ~= '' and redis.call('GET', key)
    if used then
      known = string.sub(used, 66)
      state = string.sub(used, 1, 64) == digest and 1 or 2
    else
      local entry = redis.call('XADD', KEYS[1], '*', 'id', id)
      local queued = redis.call('XADD', KEYS[2], '*', 'id', id)
      redis.call('HSET', trade, 'payload', ARGV[at + 1], 'at', ARGV[at + 2], 'by', ARGV[at + 3], 'entry', entry, 'queued', queued)
      if digest ~= '' then redis.call('SET', key, digest .. ' ' .. id, 'PX', ARGV[1]) end
    end
  end
  replies[2 * i + 1] = state
  replies[2 * i + 2] = known
end
return replies`,
);

/**
 * What a forwarder is to have at once. KEYS: queue. ARGV: group, forwarder, most entries, milliseconds after which another's are due, what
 * stands before an id in the key of its hash. Replies ids. A group that is missing begins with all that the queue holds, which is what is not
 * settled. An id whose hash somebody deleted would stay in the queue for ever.
 */
export const takeScript = script(
  'taking trades',
  `
local queue, group, forwarder, max = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local made = redis.pcall('XGROUP', 'CREATECONSUMER', queue, group, forwarder)
if type(made) == 'table' and made.err then
  redis.call('XGROUP', 'CREATE', queue, group, '0', 'MKSTREAM')
end
local found = {}
local function add(entries)
  for _, entry in ipairs(entries) do
    local id = entry[2] and entry[2][2]
    if id and redis.call('EXISTS', ARGV[5] .. id) == 1 then
      found[#found + 1] = id
    else
      redis.call('XACK', queue, group, entry[1])
      redis.call('XDEL', queue, entry[1])
    end
  end
end
local function read(from, count)
  if count <= 0 then return end
  local reply = redis.call('XREADGROUP', 'GROUP', group, forwarder, 'COUNT', count, 'STREAMS', queue, from)
  if reply then add(reply[1][2]) end
end
redis.call('XAUTOCLAIM', queue, group, forwarder, ARGV[4], '0-0', 'COUNT', max, 'JUSTID')
read('0-0', max)
read('>', max - #found)
return found`,
);

/** Reads trades. KEYS: the hash of each. ARGV: the fields to read. Replies their values for each. One command for all: hundreds of them cost the client more. */
export const readScript = script(
  'reading trades',
  `
local found = {}
for i, trade in ipairs(KEYS) do found[i] = redis.call('HMGET', trade, unpack(ARGV)) end
return found`,
);

/** Takes trades out of the queue. KEYS: queue, then the hash of each. ARGV: group. */
export const settleScript = script(
  'settling trades',
  `
for i = 2, #KEYS do
  local queued = redis.call('HGET', KEYS[i], 'queued')
  if queued then
    redis.pcall('XACK', KEYS[1], ARGV[1], queued)
    redis.call('XDEL', KEYS[1], queued)
    redis.call('HDEL', KEYS[i], 'queued')
  end
end
return 0`,
);

/** Deletes settled trades. KEYS: order. ARGV: first and last entry to look at, most entries, what stands before an id in the key of its hash. Replies the last entry that was looked at, or false, and how many trades went. */
export const pruneScript = script(
  'deleting trades',
  `
local last, gone = false, 0
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', ARGV[3])) do
  last = entry[1]
  local trade = ARGV[4] .. entry[2][2]
  if redis.call('HEXISTS', trade, 'queued') == 0 then
    redis.call('DEL', trade)
    redis.call('XDEL', KEYS[1], last)
    gone = gone + 1
  end
end
return {last, gone}`,
);

/** Forgets forwarders that hold nothing and have not come back: a name may have been that of a process. KEYS: queue. ARGV: group, and milliseconds after which. */
export const forgetScript = script(
  'forgetting forwarders',
  `
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then return 0 end
local gone = 0
for _, pairs in ipairs(consumers) do
  local facts = {}
  for i = 1, #pairs, 2 do facts[pairs[i]] = pairs[i + 1] end
  if facts.pending == 0 and facts.idle >= tonumber(ARGV[2]) then
    gone = gone + 1
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], facts.name)
  end
end
return gone`,
);
