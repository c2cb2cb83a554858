import { writeSync } from 'node:fs';
import { createClient } from 'redis';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { redisLease } from '../../src/adapters/lease/redis.ts';

/*
 * A process that takes a lease, prolongs it, believes to hold it for as long as the port says it may, and now and then gives it up:
 * <url> <name> <holder> <ttl in ms>. Prints what it did, with the server's time right before and right after: once printed, it has happened.
 */

/** What one of them did. Times in epoch milliseconds by the server's clock; `from` ≤ when it happened ≤ `to`. */
export interface LeaseDeed {
  readonly holder: string;
  readonly did: 'acquire' | 'renew' | 'release' | 'believe';
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

const [url, name, holder, ttl] = process.argv.slice(2) as [string, string, string, string];
const ttlMs = Number(ttl);
const clock = systemClock();
const lease = redisLease({ url, clock });

async function serverTime(): Promise<number> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1_000 } });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [seconds, micros] = (await client.sendCommand(['TIME'])) as unknown as [string, string];
    return Number(seconds) * 1_000 + Number(micros) / 1_000;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

const tell = (did: LeaseDeed['did'], epoch: number, from: number, to: number): void => {
  writeSync(1, `${JSON.stringify({ holder, did, epoch, from, to } satisfies LeaseDeed)}\n`);
};

async function hold(): Promise<void> {
  let from = await serverTime();
  let asked = clock.monotonic();
  const taken = await lease.acquire(name, holder, { ttlMs, floor: 0 });
  if (!('epoch' in taken)) return clock.sleep(20);
  const { epoch } = taken;
  let until = asked + ttlMs;
  tell('acquire', epoch, from, await serverTime());
  for (let beat = 0; ; beat += 1) {
    from = await serverTime();
    const to = await serverTime();
    // It held it at that time if it still may now.
    if (clock.monotonic() >= until) return;
    tell('believe', epoch, from, to);
    await clock.sleep(ttlMs / 12);
    if (beat % 4 !== 3) continue;
    if (beat > 40) {
      from = await serverTime();
      await lease.release(name, holder, epoch);
      tell('release', epoch, from, await serverTime());
      return clock.sleep(ttlMs / 4);
    }
    from = await serverTime();
    asked = clock.monotonic();
    if (!(await lease.renew(name, holder, epoch, { ttlMs, note: `beat ${beat}` }))) return;
    until = asked + ttlMs;
    tell('renew', epoch, from, await serverTime());
  }
}

for (;;) {
  try {
    await hold();
  } catch {
    // The server is away: what it believed ends with its time.
    await clock.sleep(20);
  }
}
