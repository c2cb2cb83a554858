import { expect, test } from 'vitest';
import { chart } from '../../../test/support/chart.ts';
import { readings } from './detector.ts';
import { utcDay, vwap } from './vwap.ts';

const HOUR = 3_600_000;
/** Bars without range at a price, with a volume. */
const trades = (rows: readonly (readonly [price: number, volume: number])[], from?: number) =>
  chart(
    rows.map(([price, volume]) => [price, price, price, price, volume]),
    from,
  );

test('weighs the typical price of each bar with its volume', () => {
  const bars = chart([
    [10, 12, 9, 12, 1], // 11
    [12, 15, 12, 15, 3], // 14
  ]);
  expect(readings(vwap(), bars).map((each) => each?.vwap)).toEqual([11, (11 + 3 * 14) / 4]);
});

test('its bands stand one deviation away, weighted by volume', () => {
  // Mean 4, squares 3 × 1 + 1 × 9 = 12 over a volume of 4.
  expect(
    readings(
      vwap(),
      trades([
        [3, 3],
        [7, 1],
      ]),
    ).at(-1),
  ).toEqual({
    vwap: 4,
    upper: 4 + Math.sqrt(3),
    lower: 4 - Math.sqrt(3),
  });
});

test('is null while the session has no volume, and unchanged by a bar without any', () => {
  const found = readings(
    vwap(),
    trades([
      [5, 0],
      [6, 2],
      [9, 0],
    ]),
  );
  const six = { vwap: 6, upper: 6, lower: 6 };
  expect(found).toEqual([null, six, six]);
});

test('keeps its digits where the range is small beside the price', () => {
  const { upper, lower } = readings(
    vwap(),
    trades([
      [60_000.0001, 1],
      [60_000.0003, 1],
    ]),
  ).at(-1)!;
  expect((upper - lower) / 2).toBeCloseTo(0.0001, 9);
});

test.each`
  session                   | sessionStart                                        | second
  ${'a day in UTC'}         | ${undefined}                                        | ${9}
  ${'a day from 22:00 UTC'} | ${(ts: number) => utcDay(ts + 2 * HOUR) - 2 * HOUR} | ${6}
`('starts anew with $session', ({ sessionStart, second }) => {
  // The first bar starts at 23:59, the second at midnight.
  const bars = trades(
    [
      [3, 1],
      [9, 1],
    ],
    Date.UTC(2024, 0, 8, 23, 59),
  );
  expect(readings(vwap({ sessionStart }), bars).map((each) => each?.vwap)).toEqual([3, second]);
});

test('a session that starts without volume is null again', () => {
  const bars = trades(
    [
      [3, 1],
      [9, 0],
    ],
    Date.UTC(2024, 0, 8, 23, 59),
  );
  expect(readings(vwap(), bars).at(-1)).toBeNull();
});
