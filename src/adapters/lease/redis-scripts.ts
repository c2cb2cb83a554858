import { script } from '../redis/script.ts';

/*
 * KEYS of each: the lease, a hash of holder and epoch that the server drops at its end; then its newest epoch, and a hash of the last note and
 * when it was told, which are kept. Time is the server's. A lease without an end is nobody's: somebody has meddled with it, and it would never be let go.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;
const NOTE = `
local note = redis.call('HMGET', KEYS[3], 'text', 'at')
local age = 0
if note[1] then age = math.max(0, now - tonumber(note[2])) end`;

/** ARGV: holder, milliseconds, floor. Replies the epoch, or 0; who holds it, and the milliseconds left; the note and its age. */
export const acquireScript = script(
  'taking the lease',
  `${NOW}${NOTE}
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch')
local left = redis.call('PTTL', KEYS[1])
if held[1] and held[1] ~= ARGV[1] and left >= 0 then return {0, held[1], left, note[1], age} end
local known = math.max(tonumber(redis.call('GET', KEYS[2]) or 0), tonumber(held[2] or 0), tonumber(ARGV[3]))
local epoch = string.format('%.0f', math.max(known, now - 1) + 1)
redis.call('SET', KEYS[2], epoch)
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'epoch', epoch)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {tonumber(epoch), ARGV[1], tonumber(ARGV[2]), note[1], age}`,
);

/** ARGV: holder, epoch, milliseconds, and the note where there is one. Replies 1; 0 where it is not this holder's in this epoch. */
export const renewScript = script(
  'prolonging the lease',
  `${NOW}
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
if ARGV[4] then redis.call('HSET', KEYS[3], 'text', ARGV[4], 'at', string.format('%.0f', now)) end
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

/** Replies holder, epoch, the milliseconds left, the note and its age; nothing where nobody holds it. */
export const currentScript = script(
  'looking at the lease',
  `${NOW}${NOTE}
local held = redis.call('HMGET', KEYS[1], 'holder', 'epoch')
local left = redis.call('PTTL', KEYS[1])
if not held[1] or left < 0 then return {} end
return {held[1], held[2], left, note[1], age}`,
);
