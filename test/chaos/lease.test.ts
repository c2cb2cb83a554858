import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { redisLease } from '../../src/adapters/lease/redis.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { LeaseDeed } from '../support/lease-holder.ts';
import { describeWith } from '../support/needs.ts';
import { type RedisServer, redisAvailable, startRedis } from '../support/redis-server.ts';

const SEED = process.env.PULSE_CHAOS_SEED ?? 'lease';
const HOLDER = fileURLToPath(new URL('../support/lease-holder.ts', import.meta.url));
const NAME = 'ticks.*';
const TTL_MS = 600;
const clock = systemClock();

async function server(args: readonly string[] = []): Promise<RedisServer> {
  const redis = await startRedis({ args });
  onTestFinished(() => redis.dispose());
  return redis;
}

/** A holder in a process of its own, started again whenever it was killed. */
class Holder {
  readonly #url: string;
  readonly #name: string;
  readonly #deeds: LeaseDeed[];
  #child: ChildProcess | null = null;
  #runs = 0;

  constructor(url: string, name: string, deeds: LeaseDeed[]) {
    this.#url = url;
    this.#name = name;
    this.#deeds = deeds;
    onTestFinished(() => this.kill());
  }

  start(): void {
    this.#runs += 1;
    const child = spawn(process.execPath, [HOLDER, this.#url, NAME, `${this.#name}${this.#runs}`, String(TTL_MS)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH },
    });
    createInterface(child.stdout).on('line', (line) => this.#deeds.push(JSON.parse(line) as LeaseDeed));
    this.#child = child;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
}

/** Epochs that were given twice, or not in the order in which they were given. */
function misgiven(deeds: readonly LeaseDeed[]): string[] {
  const taken = deeds.filter(({ did }) => did === 'acquire').sort((a, b) => a.epoch - b.epoch);
  return taken.flatMap((each, i) => {
    const next = taken[i + 1];
    if (next === undefined) return [];
    if (next.epoch === each.epoch) return [`${each.epoch} was given to ${each.holder} and to ${next.holder}`];
    return next.to < each.from ? [`${next.epoch} was given before ${each.epoch}`] : [];
  });
}

/** Where a holder was given the lease while another one's lasted, or believed to hold it when another one had it. */
function overlaps(deeds: readonly LeaseDeed[]): string[] {
  const found: string[] = [];
  const taken = deeds.filter(({ did }) => did === 'acquire').sort((a, b) => a.epoch - b.epoch);
  for (const later of taken) {
    for (const deed of deeds) {
      if (deed.epoch >= later.epoch) continue;
      const given = deeds.some(({ did, epoch, from }) => did === 'release' && epoch === deed.epoch && from <= later.to);
      const lasts = deed.did === 'acquire' || deed.did === 'renew' ? deed.from + TTL_MS : 0;
      // It may take anew what it has: an answer that was too late for it to know.
      if (!given && deed.holder !== later.holder && later.to < lasts)
        found.push(`${later.holder} was given ${later.epoch} while ${deed.epoch} of ${deed.holder} lasted`);
      if (deed.did === 'believe' && later.to < deed.from)
        found.push(`${deed.holder} believed in ${deed.epoch} when ${later.holder} had ${later.epoch}`);
    }
  }
  return found;
}

const deed = (holder: string, did: LeaseDeed['did'], epoch: number, from: number): LeaseDeed => ({
  holder,
  did,
  epoch,
  from,
  to: from + 1,
});

test.each<[string, LeaseDeed[], number]>([
  ['one after the other', [deed('a', 'acquire', 1, 0), deed('a', 'believe', 1, 300), deed('b', 'acquire', 2, 600)], 0],
  ['one that gave it up', [deed('a', 'acquire', 1, 0), deed('a', 'release', 1, 50), deed('b', 'acquire', 2, 60)], 0],
  ['a lease given while another lasted', [deed('a', 'acquire', 1, 0), deed('b', 'acquire', 2, 500)], 1],
  [
    'a belief that is too long',
    [deed('a', 'acquire', 1, 0), deed('b', 'acquire', 2, 650), deed('a', 'believe', 1, 700)],
    1,
  ],
  ['an epoch that was given twice', [deed('a', 'acquire', 1, 0), deed('b', 'acquire', 1, 650)], 1],
  ['epochs that fall', [deed('a', 'acquire', 2, 0), deed('b', 'acquire', 1, 650)], 2],
])('the judge finds of %s', (_, deeds, faults) => {
  expect([...misgiven(deeds), ...overlaps(deeds)]).toHaveLength(faults);
});

await describeWith(`a lease on Redis (PULSE_CHAOS_SEED=${SEED})`, { engines: [redisAvailable] }, () => {
  test('two who want it at once, 200 times: one has it each time, and each epoch is greater than the one before', {
    timeout: 120_000,
  }, async () => {
    const redis = await server();
    const [a, b] = [redisLease({ url: redis.url, clock }), redisLease({ url: redis.url, clock })];
    onTestFinished(() => Promise.all([a.close(), b.close()]).then(() => undefined));
    const epochs: number[] = [];
    for (let round = 0; round < 200; round += 1) {
      const both = await Promise.all([
        a.acquire(NAME, 'a', { ttlMs: 5_000, floor: 0 }),
        b.acquire(NAME, 'b', { ttlMs: 5_000, floor: 0 }),
      ]);
      const given = both.flatMap((each, i) => ('epoch' in each ? [{ by: i, epoch: each.epoch }] : []));
      expect(given).toHaveLength(1);
      epochs.push(given[0]!.epoch);
      await a.release(NAME, 'a', given[0]!.epoch);
      await b.release(NAME, 'b', given[0]!.epoch);
    }
    expect(epochs).toEqual([...new Set(epochs)].sort((x, y) => x - y));
  });

  /** Three holders, and faults from the seed for `ms`; each fault is over before the next. */
  async function strife(redis: RedisServer, ms: number): Promise<LeaseDeed[]> {
    const random = seededRandom(SEED);
    const deeds: LeaseDeed[] = [];
    const holders = ['a', 'b', 'c'].map((name) => new Holder(redis.url, name, deeds));
    for (const holder of holders) holder.start();
    const begun = clock.monotonic();
    while (deeds.length === 0 && clock.monotonic() - begun < 60_000) await clock.sleep(50);
    const faults: (() => Promise<void>)[] = [
      async () => {
        const holder = holders[random.int(3)]!;
        holder.signal('SIGSTOP');
        await clock.sleep(100 + random.int(3 * TTL_MS));
        holder.signal('SIGCONT');
      },
      async () => {
        const holder = holders[random.int(3)]!;
        await holder.kill();
        holder.start();
      },
      async () => {
        redis.pause();
        await clock.sleep(50 + random.int(2 * TTL_MS));
        redis.resume();
      },
      async () => {
        await redis.stop();
        await redis.start();
      },
      async () => {
        await redis.kill();
        await redis.start();
      },
    ];
    const end = clock.monotonic() + ms;
    for (let i = 0; clock.monotonic() < end; i += 1) {
      await clock.sleep(random.int(2 * TTL_MS));
      await faults[i < faults.length ? i : random.int(faults.length)]!();
    }
    await clock.sleep(3 * TTL_MS);
    for (const holder of holders) await holder.kill();
    return deeds;
  }

  test('stopped and killed holders, a server that stands still and starts again: never do two hold it, by the server’s clock', {
    timeout: 180_000,
  }, async () => {
    const deeds = await strife(await server(), 40_000);
    expect([...misgiven(deeds), ...overlaps(deeds)]).toEqual([]);
    expect(deeds.filter(({ did }) => did === 'acquire').length).toBeGreaterThan(10);
    expect(deeds.filter(({ did }) => did === 'renew').length).toBeGreaterThan(20);
  });

  test('a server that forgets all with each start: two may believe to hold it, but never in the same epoch', {
    timeout: 180_000,
  }, async () => {
    const deeds = await strife(await server(['--appendonly', 'no']), 20_000);
    expect(misgiven(deeds)).toEqual([]);
    expect(deeds.filter(({ did }) => did === 'acquire').length).toBeGreaterThan(5);
  });
});
