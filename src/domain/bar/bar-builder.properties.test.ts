import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build, builder, fields, settled, TEN, type Trade, values } from '../../../test/support/bar-building.ts';
import { decimalText } from '../base/decimal.ts';
import { MINUTE, minuteOf } from '../base/timeframe.ts';
import type { Bar } from './bar.ts';
import type { BuilderState } from './bar-builder.ts';
import { type BarOptions, defaultBarOptions } from './bar-options.ts';

const HOUR = 60 * MINUTE;

const anyOptions: fc.Arbitrary<BarOptions> = fc.record({
  graceMs: fc.constantFrom(0, 1, 2_000, 30_000, 60_000, 300_000),
  correctionWindowMs: fc.constantFrom(0, 1_000, 60_000, 300_000),
  idleCloseMs: fc.constant(defaultBarOptions.idleCloseMs),
  timestampOn: fc.constant('open'),
  buildWithNoUpdates: fc.boolean(),
  skipFirstPartial: fc.boolean(),
  timeZoneOrigin: fc.constantFrom(
    { timeZone: 'UTC', hour: 0 },
    { timeZone: 'America/New_York', hour: 6 },
    { timeZone: 'Asia/Kathmandu', hour: 17 },
  ),
  composites: fc.subarray(['5m', '15m', '1h', '4h', '1d']),
});

/** Trades in order of time: mostly close together, with silences of up to a quarter of an hour. */
const tape = fc
  .array(
    fc.tuple(
      fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 4_000 }) },
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 150_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 900_000 }) },
      ),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 999 }),
    ),
    { minLength: 1, maxLength: 120 },
  )
  .map((steps) => {
    let ms = 0;
    return steps.map(([step, price, volume]): Trade => {
      ms += step;
      return [ms / 1000, price / 100, volume];
    });
  });

/** The trades, each as late as its share of `graceMs` says. Equal times keep their order: which of them comes last decides the close. */
function delayed(trades: readonly Trade[], shares: readonly number[], graceMs: number): Trade[] {
  const byTime = new Map<number, number>();
  return trades
    .map((trade, i) => {
      const at = Math.max(trade[0] * 1000 + shares[i % shares.length]! * graceMs, byTime.get(trade[0]) ?? 0);
      byTime.set(trade[0], at);
      return { trade, at };
    })
    .sort((a, b) => a.at - b.at)
    .map(({ trade }) => trade);
}

test('any order within grace gives the same bars, whatever the options', () => {
  const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  const shares = fc.array(share, { minLength: 120, maxLength: 120 });
  fc.assert(
    fc.property(tape, shares, anyOptions, (trades, late, options) => {
      const [a, b] = [build(trades, options), build(delayed(trades, late, options.graceMs), options)];
      expect(b.late).toEqual([]);
      expect(values(b.bars)).toEqual(values(a.bars));
      expect(b.bars.filter((bar) => bar.rev !== 0)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** What can come to a builder. Seconds are after ten o'clock, of the tape or of the clock. */
type Step =
  | { readonly what: 'trade'; readonly back: number; readonly live: boolean; readonly price: number }
  | { readonly what: 'joined'; readonly known: boolean }
  | { readonly what: 'idle'; readonly after: number };

const steps: fc.Arbitrary<[forward: number, step: Step][]> = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 45_000 }),
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constant('trade' as const),
          back: fc.constantFrom(0, 0, 0, 1_500, 30_000, 200_000),
          live: fc.boolean(),
          price: fc.integer({ min: 1, max: 500 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('joined' as const), known: fc.boolean() }) },
      {
        weight: 2,
        arbitrary: fc.record({ what: fc.constant('idle' as const), after: fc.constantFrom(0, 6_000, 200_000) }),
      },
    ),
  ),
  { minLength: 1, maxLength: 80 },
);

/** All bars, every version with its flags, when a builder is stored and restored before the steps that `restarts` names. */
function played(taken: readonly [number, Step][], options: BarOptions, restarts: ReadonlySet<number>): Bar[] {
  let of = builder(options);
  of.joined(null);
  const bars: Bar[] = [];
  let now = TEN;
  taken.forEach(([forward, step], i) => {
    if (restarts.has(i)) {
      const state = JSON.parse(JSON.stringify(of.snapshot())) as BuilderState;
      of = builder(options);
      of.restore(state);
    }
    now += forward;
    if (step.what === 'joined') of.joined(step.known ? now : null);
    else if (step.what === 'idle') of.idle(now + step.after, now, now);
    else of.add(fields([(now - TEN - step.back) / 1000, step.price / 100, 1]), i, step.live ? now : now + HOUR);
    bars.push(...of.take());
  });
  return bars;
}

test('any split of the input into restarts gives the same bars, after a join, in a left out minute and after idle too', () => {
  fc.assert(
    fc.property(steps, fc.array(fc.nat(), { minLength: 1, maxLength: 8 }), anyOptions, (taken, cuts, options) => {
      const end: [number, Step][] = [
        [0, { what: 'idle', after: HOUR }],
        [2 * HOUR, { what: 'trade', back: 0, live: true, price: 1 }],
      ];
      const all = [...taken, ...end];
      const restarts = new Set(cuts.map((cut) => cut % all.length));
      expect(played(all, options, restarts)).toEqual(played(all, options, new Set()));
    }),
    { numRuns: 500 },
  );
});

test('closing by the clock changes no settled bar', () => {
  fc.assert(
    fc.property(tape, fc.array(fc.nat(), { maxLength: 8 }), anyOptions, (trades, cuts, options) => {
      const at = new Set(cuts.map((cut) => cut % trades.length));
      const of = builder(options);
      const bars: Bar[] = [];
      const late = trades.filter((trade, i) => {
        const now = TEN + trade[0] * 1000 + 86_400_000;
        if (at.has(i)) of.idle(now, now - 60_000, now - 60_000);
        return !of.add(fields(trade), i, null);
      });
      const end = TEN + 172_800_000;
      of.idle(end, end - 60_000, end - 60_000);
      bars.push(...of.take());
      expect(late).toEqual([]);
      expect(values(settled(bars).values())).toEqual(values(settled(build(trades, options).bars).values()));
    }),
    { numRuns: 500 },
  );
});

test('volume sums are exact over 1,000,000 ticks, of every bar and over all', () => {
  const of = builder({ composites: ['1d'] });
  const sums = new Map<number, bigint>();
  const bars: Bar[] = [];
  for (let i = 0; i < 1_000_000; i += 1) {
    const tick = fields([i * 0.05, 1.1]);
    const scale = i % 9;
    // Every thousandth is too large for a double's integers.
    const units = i % 1_000 === 0 ? 2n ** 60n + BigInt(i) : BigInt((i * 7919) % 1_000_003);
    tick.volumeScale = scale;
    if (units > 2n ** 53n) tick.volumeText = decimalText({ units, scale });
    else tick.volumeUnits = Number(units);
    of.add(tick, i, null);
    if (of.hasOutput) bars.push(...of.take());
    const start = minuteOf(tick.ts);
    sums.set(start, (sums.get(start) ?? 0n) + units * 10n ** BigInt(8 - scale));
  }
  const end = TEN + 14 * 24 * HOUR;
  of.idle(end, 0, of.watermark);
  bars.push(...of.take());
  const minutes = bars.filter(({ tf }) => tf === '1m').map(({ start, volume }) => [start, volume]);
  expect(minutes).toEqual([...sums].map(([start, units]) => [start, decimalText({ units, scale: 8 })]));
  const all = decimalText({ units: [...sums.values()].reduce((a, b) => a + b, 0n), scale: 8 });
  expect(bars.filter(({ tf }) => tf === '1d').map(({ volume }) => volume)).toEqual([all]);
});
