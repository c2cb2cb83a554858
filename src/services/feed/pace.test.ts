import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import { livePace, paced, type TimedTick, tapePace } from './pace.ts';

const START = Date.UTC(2025, 0, 15, 12);
const tick = (tsMs: number | null): TimedTick => ({ symbol: 'EURUSD', payload: Buffer.from('{}'), tsMs });

/** When each tick came out, in milliseconds after the start. */
async function timesOut(
  batches: readonly (readonly (number | null)[])[],
  speed: number,
  endAt = Number.POSITIVE_INFINITY,
): Promise<[ts: number | null, at: number][]> {
  const clock = steppingClock(START);
  const stop = new AbortController();
  const out: [number | null, number][] = [];
  for await (const batch of paced(
    batches.map((times) => times.map(tick)),
    tapePace(clock, speed),
    clock,
    stop.signal,
  )) {
    for (const { tsMs } of batch) out.push([tsMs, clock.monotonic()]);
    if (clock.monotonic() >= endAt) stop.abort();
  }
  return out;
}

test('a tape at speed 1 takes as long as it was recorded', async () => {
  expect(await timesOut([[1000, 1500], [61_000]], 1)).toEqual([
    [1000, 0],
    [1500, 500],
    [61_000, 60_000],
  ]);
});

test('a tape at speed 60 passes a minute in a second', async () => {
  expect(await timesOut([[1000, 31_000, 61_000]], 60)).toEqual([
    [1000, 0],
    [31_000, 500],
    [61_000, 1000],
  ]);
});

test('a weekend is waited for, though timers cannot wait that long at once', async () => {
  const weekend = 46 * 3_600_000;
  expect(await timesOut([[0, weekend]], 1)).toEqual([
    [0, 0],
    [weekend, weekend],
  ]);
});

test('a tick that stands behind a later one, or has no time, comes with the one before', async () => {
  expect(await timesOut([[null, 1000, 5000, 2000, null, 6000]], 1)).toEqual([
    [null, 0],
    [1000, 0],
    [5000, 4000],
    [2000, 4000],
    [null, 4000],
    [6000, 5000],
  ]);
});

test('ends when told to, without giving what is not due', async () => {
  expect(await timesOut([[0, 1000, 2000, 3000]], 1, 1000)).toEqual([
    [0, 0],
    [1000, 1000],
  ]);
});

test('a live market gives what is due by the time of day, even when the clock was held up', async () => {
  const clock = steppingClock(START);
  const out: number[][] = [];
  const live = paced(
    [[START - 5, START + 10, START + 20, START + 240, START + 255, START + 900].map(tick)],
    livePace(clock),
    clock,
    new AbortController().signal,
  );
  for await (const batch of live) {
    out.push(batch.map(({ tsMs }) => tsMs! - START));
    clock.advance(12);
  }
  // What comes within a quarter of a second comes together, and no later than that.
  expect(out).toEqual([[-5], [10, 20, 240, 255], [900]]);
});

test('loses nothing and keeps the order, at any speed and in any batches', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: null }), { minLength: 1 })),
      fc.integer({ min: 1, max: 1000 }),
      async (batches, speed) => {
        const out = await timesOut(batches, speed);
        expect(out.map(([ts]) => ts)).toEqual(batches.flat());
        const early = out.filter(
          ([ts, at]) => ts !== null && at * speed < ts - (batches.flat().find((t) => t !== null) ?? 0),
        );
        expect(early).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});
