import { createClient } from 'redis';
import { expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { clock, contentsOf, EnrichmentRig, entriesOf, type Fields, STREAM } from '../support/enrichment-rig.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable } from '../support/postgres-server.ts';
import { redisAvailable } from '../support/redis-server.ts';
import { tickSet } from '../support/tick-sets.ts';

/** Where and when faults happen. A failure names it: set it to have the same again. */
const SEED = process.env.PULSE_CHAOS_SEED ?? '1';
const TICKS = 999_000;
const POISON = 1_000;
const KILLS = 100;

/** Entries that can never be enriched, each with the reason that it must get. */
const poisons: readonly (readonly [reason: string, fields: Fields])[] = [
  ['tick.not-json', ['j', '{"symbol":"EURUSD","ts":1398902400', 'symbol', 'EURUSD']],
  ['tick.not-object', ['j', '[1398902400,1.38]', 'symbol', 'EURUSD']],
  ['tick.ts.missing', ['j', '{"symbol":"EURUSD","bid":1.38,"ask":1.39}']],
  ['tick.ts.absurd', ['j', '{"symbol":"EURUSD","ts":17,"bid":1.38,"ask":1.39}']],
  ['tick.price.missing', ['j', '{"symbol":"EURUSD","ts":1398902400,"bid":1.38}']],
  ['tick.price.non-positive', ['symbol', 'EURUSD', 'ts', '1398902400', 'price', '-1']],
  ['tick.price.invalid', ['symbol', 'EURUSD', 'ts', '1398902400', 'price', 'NaN']],
  ['tick.volume.invalid', ['symbol', 'EURUSD', 'ts', '1398902400', 'price', '1.38', 'volume', '-5']],
  ['tick.symbol.missing', ['j', '{"ts":1398902400,"price":1.38}']],
  ['tick.symbol.illegal', ['j', '{"symbol":"EUR/USD","ts":1398902400,"price":1.38}']],
  // A good tick for all that Pulse knows, and a text that Postgres cannot hold.
  ['entry.refused', ['j', '{"symbol":"EURUSD","ts":1398902400,"price":1.38,"id":"\\u0000"}']],
];

/** The entries with poison among them, and for each of those its place and reason. */
function poisoned(good: readonly Fields[]): { entries: Fields[]; reasons: Map<number, string> } {
  const dice = seededRandom(SEED).fork('poison');
  const before = new Set<number>();
  while (before.size < POISON) before.add(dice.int(good.length));
  const entries: Fields[] = [];
  const reasons = new Map<number, string>();
  good.forEach((fields, i) => {
    if (before.has(i)) {
      const [reason, poison] = poisons[reasons.size % poisons.length]!;
      reasons.set(entries.length, reason);
      entries.push(poison);
    }
    entries.push(fields);
  });
  return { entries, reasons };
}

await describeWith(
  `enrichment on Redis and Postgres (PULSE_CHAOS_SEED=${SEED})`,
  { ticks: true, engines: [redisAvailable, postgresAvailable] },
  () => {
    test('1,000,000 entries, workers killed at 100 points, Postgres restarted twice: the rows are those of an unbroken run', {
      timeout: 1_200_000,
    }, async () => {
      const rig = await EnrichmentRig.start();
      onTestFinished(() => rig.dispose());
      const { entries, reasons } = poisoned(await entriesOf(tickSet('EURUSD.fxcm.2014-05').ticks, TICKS));
      expect(entries).toHaveLength(TICKS + POISON);
      const [unbroken, broken] = [await rig.database('unbroken'), await rig.database('broken')];
      await rig.load(0, entries);
      await rig.load(1, entries);
      const env = { CLAIM_MIN_IDLE_MS: '1500' };

      const whole = rig.worker('whole', 0, 'unbroken', env);
      await whole.start();
      await rig.enriched(0);
      await whole.end('SIGTERM');

      const dice = seededRandom(SEED).fork('kills');
      const workers = ['a', 'b'].map((name) => rig.worker(name, 1, 'broken', env));
      await Promise.all(workers.map((worker) => worker.start()));
      let kills = 0;
      const killing = workers.map(async (worker) => {
        while (kills < KILLS) {
          await clock.sleep(200 + dice.next() * 1_500);
          kills += 1;
          await worker.end('SIGKILL');
          await worker.start();
        }
      });
      const restarting = (async () => {
        for (const at of [KILLS * 0.3, KILLS * 0.7]) {
          while (kills < at) await clock.sleep(100);
          await rig.postgres.stop();
          await clock.sleep(1_000);
          await rig.postgres.start();
        }
      })();
      await Promise.all([...killing, restarting]);
      await rig.enriched(1);
      await Promise.all(workers.map((worker) => worker.end('SIGTERM')));

      const expected = await contentsOf(unbroken);
      expect(expected.rows).toMatchObject({ rows: String(TICKS), entries: String(TICKS) });
      expect(Number(expected.analyses.analyses)).toBeGreaterThan(10_000);
      expect(await contentsOf(broken)).toEqual(expected);
      for (const db of [0, 1]) expect(await deadIn(rig, db)).toEqual(named(reasons));
    });
  },
);

const FIRST_MS = 1_700_000_000_000;

/** The dead letters that there must be: place in the stream and reason, sorted. */
const named = (reasons: ReadonlyMap<number, string>): string[] =>
  [...reasons].map(([place, reason]) => `${STREAM}@${FIRST_MS + place}-0 ${reason}`).sort();

async function deadIn(rig: EnrichmentRig, db: number): Promise<string[]> {
  const client = await createClient({ url: rig.redisUrl(db) }).connect();
  const dead = await client.xRange(`${STREAM}:dlq`, '-', '+');
  client.destroy();
  return dead!.map(({ message }) => `${message.source} ${message.reason}`).sort();
}
