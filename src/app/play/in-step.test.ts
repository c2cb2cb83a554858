import { expect, test } from 'vitest';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import type { TickSource } from '../../ports/tick-source.ts';
import { inStep } from './in-step.ts';

const BATCH = 1_000;
const MOST = 20_000;

/** A source of as many batches as are asked for. */
function endless(): TickSource {
  let ticks = 0;
  return {
    name: 'endless',
    async *batches() {
      for (;;) {
        ticks += BATCH;
        yield Array.from({ length: BATCH }, () => ({ symbol: 'EURUSD', payload: Buffer.from('{}') }));
      }
    },
    get counts() {
      return { ticks, unroutable: new Map(), examples: [] };
    },
    share: null,
    waitsFor: null,
  };
}

test('no more ticks are on their way than may be, and where none moves it goes on all the same', async () => {
  const clock = steppingClock(0);
  const arrivals = { rate: 0.5, count: 0 };
  const source = endless();
  const paced = inStep(source, () => (arrivals.count += arrivals.rate * 100), clock, MOST);
  const ahead: number[] = [];
  let batches = 0;
  for await (const _ of paced.batches(new AbortController().signal)) {
    ahead.push(source.counts.ticks - arrivals.count);
    batches += 1;
    if (batches === 100) arrivals.rate = 0;
    if (batches === 105) break;
  }
  expect(Math.max(...ahead.slice(0, 100))).toBeLessThanOrEqual(MOST + BATCH);
  expect(Math.max(...ahead)).toBeGreaterThan(MOST + BATCH);
  expect(clock.monotonic()).toBeGreaterThan(1_000);
});
