import { script } from '../redis/script.ts';

/*
 * KEYS of each: the lease, a hash of holder, epoch and note that the server drops at its end; then its newest epoch, which is kept. Time is the
 * server's. A lease without an end is nobody's: somebody has meddled with it, and it would never be let go.
 */

/** ARGV: holder, milliseconds, floor. Replies the epoch; or 0, who holds it, the note and the milliseconds left. */
export const acquireScript = script(
  'taking the lease',
  `
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch', 'note')
local left = redis.call('PTTL', KEYS[1])
if held[1] and held[1] ~= ARGV[1] and left >= 0 then return {0, held[1], held[3], left} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = math.max(tonumber(redis.call('GET', KEYS[2]) or 0), tonumber(held[2] or 0), tonumber(ARGV[3]))
local epoch = string.format('%.0f', math.max(known, now - 1) + 1)
redis.call('SET', KEYS[2], epoch)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'epoch', epoch)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {tonumber(epoch)}`,
);

/** ARGV: holder, epoch, milliseconds, and the note where there is one. Replies 1; 0 where it is not this holder's in this epoch. */
export const renewScript = script(
  'prolonging the lease',
  `
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
if ARGV[4] then redis.call('HSET', KEYS[1], 'note', ARGV[4]) else redis.call('HDEL', KEYS[1], 'note') end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`,
);

/** ARGV: holder, epoch. */
export const releaseScript = script(
  'giving the lease up',
  `
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch')
if held[1] == ARGV[1] and held[2] == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 0`,
);

/** Replies holder, epoch, note and the milliseconds left; nothing where nobody holds it. */
export const currentScript = script(
  'looking at the lease',
  `
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch', 'note')
local left = redis.call('PTTL', KEYS[1])
if not held[1] or left < 0 then return {} end
return {held[1], held[2], held[3], left}`,
);
