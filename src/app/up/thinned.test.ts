import { expect, test } from 'vitest';
import { systemClock } from '../../adapters/clock/system.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { minuteOf } from '../../domain/base/timeframe.ts';
import { timeOf } from '../../domain/tick/tick-envelope.ts';
import { syntheticSource } from '../../services/feed/synthetic-source.ts';
import { thinned } from './thinned.ts';

async function played(n: number): Promise<{ payloads: string[]; minutes: Set<number>; counted: number }> {
  const from = Date.UTC(2025, 0, 15, 14);
  const source = thinned(
    syntheticSource(
      { clock: systemClock(), random: seededRandom(1) },
      { symbols: ['EURUSD'], past: { from, to: from + 3_600_000, speed: 'max' } },
    ),
    n,
  );
  const payloads: string[] = [];
  for await (const batch of source.batches(new AbortController().signal))
    payloads.push(...batch.map(({ payload }) => payload.toString()));
  const minutes = new Set(payloads.map((payload) => minuteOf(timeOf(Buffer.from(payload))!)));
  return { payloads, minutes, counted: source.counts.ticks };
}

test('one tick in four of a made-up market: ticks of that market, in every minute that has any, and counted as they are played', async () => {
  const [whole, thin] = [await played(1), await played(4)];
  expect(thin.minutes).toEqual(whole.minutes);
  expect(thin.payloads.every((payload) => whole.payloads.includes(payload))).toBe(true);
  expect(thin.payloads.length).toBeLessThan(whole.payloads.length / 3);
  expect(thin.counted).toBe(thin.payloads.length);
});
