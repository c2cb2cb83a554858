import { describe, expect, test } from 'vitest';
import { build, builder, fields, settled, TEN, type Trade } from '../../../test/support/bar-building.ts';
import { MINUTE } from '../base/timeframe.ts';
import { defaultBarOptions } from './bar-options.ts';

const clock = (start: number): string => new Date(start).toISOString().slice(11, 16);

describe('closing', () => {
  const at = (text: string): number => {
    const [h = 0, m = 0, s = 0] = text.split(':').map(Number);
    return (h - 10) * 3600 + m * 60 + s;
  };
  test.each`
    ticks                           | closed
    ${'10:00:59.999 10:01:01.999'}  | ${''}
    ${'10:00:59.999 10:01:02'}      | ${'10:00'}
    ${'10:00:59.999 10:01:02.001'}  | ${'10:00'}
    ${'10:00:10 10:07:00'}          | ${'10:00'}
    ${'10:00:10 10:01:10 10:02:03'} | ${'10:00 10:01'}
    ${'10:00:10'}                   | ${''}
  `('$ticks closes "$closed"', ({ ticks, closed }) => {
    const b = builder();
    for (const [i, t] of (ticks as string).split(' ').entries()) b.add(fields([at(t), 1.1]), i, null);
    expect(
      b
        .take()
        .map((bar) => clock(bar.start))
        .join(' '),
    ).toBe(closed);
  });

  test('silence closes by the clock what no tick closes', () => {
    const b = builder();
    b.add(fields([10, 1.1]), 0, TEN + 10_000);
    b.idle(TEN + MINUTE + 1_999, TEN + 10_000, TEN + 10_000);
    expect(b.take()).toEqual([]);
    b.idle(TEN + MINUTE + 2_000, TEN + 10_000, TEN + 10_000);
    expect(b.take()).toMatchObject([{ start: TEN, n: 1, rev: 0 }]);
    b.idle(TEN + 2 * MINUTE, TEN + 10_000, TEN + 10_000);
    expect(b.take()).toEqual([]);
  });

  test('silence closes a composite too whose last minutes had no ticks', () => {
    const b = builder({ composites: ['5m'] });
    b.add(fields([10, 1.1]), 0, TEN + 10_000);
    for (const minutes of [1, 3, 5]) b.idle(TEN + minutes * MINUTE + 2_000, TEN + 10_000, TEN + 10_000);
    expect(b.take()).toMatchObject([
      { tf: '1m', n: 1 },
      { tf: '5m', n: 1 },
    ]);
  });

  test('a backlog is not silence', () => {
    const b = builder();
    b.add(fields([10, 1.1]), 0, TEN + 10_000);
    const hoursLater = TEN + 7_200_000;
    b.idle(hoursLater, hoursLater - 1_000, TEN + 10_000);
    expect(b.take()).toEqual([]);
  });
});

describe('what a bar holds', () => {
  test('open and close by time, ties in order of arrival, the volume exact', () => {
    const { bars } = build([
      [5, 1.3, 10],
      [5, 1.4, 20],
      [59.999, 1.2, 10],
      [59.999, 1.25, 5],
      [3, 1.1, 1],
    ]);
    expect(bars).toMatchObject([
      { open: 1.1, high: 1.4, low: 1.1, close: 1.25, volume: '0.46', n: 5, source: { partition: 0, from: 0, to: 4 } },
    ]);
  });

  test('minutes are closed-open', () => {
    const { bars } = build([
      [59.999, 1],
      [60, 2],
    ]);
    expect(bars.map((b) => [clock(b.start), b.close])).toEqual([
      ['10:00', 1],
      ['10:01', 2],
    ]);
  });

  test('the digest tells sets apart, not orders', () => {
    const digest = (trades: Trade[]): string => build(trades).bars[0]!.digest;
    expect(
      digest([
        [1, 1.1],
        [2, 1.2],
      ]),
    ).toBe(
      digest([
        [2, 1.2],
        [1, 1.1],
      ]),
    );
    expect(
      digest([
        [1, 1.1],
        [1, 1.1],
      ]),
    ).not.toBe(digest([[1, 1.1]]));
    expect(
      digest([
        [1, 1.1],
        [2, 1.2],
      ]),
    ).not.toBe(
      digest([
        [1, 1.2],
        [2, 1.1],
      ]),
    );
    expect(digest([[1, 1.1, 1]])).not.toBe(digest([[1, 1.1, 2]]));
  });
});

describe('late ticks', () => {
  test('within the correction window they make a correction', () => {
    const b = builder();
    [
      [10, 1.1],
      [70, 1.2],
      [20, 1.5],
    ].forEach((trade, i) => expect(b.add(fields(trade as unknown as Trade), i, null)).toBe(true));
    b.add(fields([73, 1.2]), 3, null);
    expect(b.take()).toMatchObject([
      { start: TEN, close: 1.1, n: 1, rev: 0 },
      { start: TEN, close: 1.5, high: 1.5, n: 2, rev: 1 },
    ]);
  });

  test('beyond it they are not counted', () => {
    const window = defaultBarOptions.correctionWindowMs / 1000;
    const { bars, late } = build([
      [10, 1.1],
      [62 + window, 1.2],
      [20, 9.9],
    ]);
    expect(late).toEqual([[20, 9.9]]);
    expect(bars.find((b) => b.start === TEN)).toMatchObject({ n: 1, high: 1.1 });
  });

  test('a hair before its end they still are', () => {
    const window = defaultBarOptions.correctionWindowMs / 1000;
    const { late } = build([
      [10, 1.1],
      [62 + window - 0.001, 1.2],
      [20, 1.3],
    ]);
    expect(late).toEqual([]);
  });
});

describe('options', () => {
  test('minutes without updates carry the close, and are corrected when it is', () => {
    const { bars } = build(
      [
        [10, 1.1],
        [190, 1.4],
        [250, 1.4],
        [50, 1.3],
        [260, 1.4],
      ],
      { buildWithNoUpdates: true },
    );
    const end = settled(bars);
    expect([1, 2].map((m) => end.get(`1m ${TEN + m * MINUTE}`))).toMatchObject([
      { open: 1.3, high: 1.3, low: 1.3, close: 1.3, n: 0, rev: 1 },
      { open: 1.3, close: 1.3, n: 0, rev: 1, digest: '0000000000000000', volume: '0' },
    ]);
  });

  test('a late tick turns an empty minute into a real one', () => {
    const { bars } = build(
      [
        [10, 1.1],
        [190, 1.4],
        [70, 1.25],
        [260, 1.4],
      ],
      { buildWithNoUpdates: true },
    );
    expect(settled(bars).get(`1m ${TEN + MINUTE}`)).toMatchObject({ open: 1.25, high: 1.25, low: 1.25, n: 1 });
  });

  test('a quiet live market gets its empty minutes by the clock', () => {
    const b = builder({ buildWithNoUpdates: true });
    b.add(fields([10, 1.1]), 0, TEN + 10_000);
    b.idle(TEN + 3 * MINUTE + 3_000, TEN + 10_000, TEN + 10_000);
    expect(b.take().map((bar) => [clock(bar.start), bar.n])).toEqual([
      ['10:00', 1],
      ['10:01', 0],
      ['10:02', 0],
    ]);
  });

  test.each`
    joined         | received             | what                                  | partial
    ${null}        | ${TEN + 10_000}      | ${'an unknown beginning'}             | ${true}
    ${TEN + 5_000} | ${TEN + 10_000}      | ${'a subscription within the minute'} | ${true}
    ${TEN - 1}     | ${TEN + 10_000}      | ${'a subscription before the minute'} | ${false}
    ${TEN - 1}     | ${TEN + 90 * MINUTE} | ${'a replay'}                         | ${true}
  `('$what: partial $partial', ({ joined, received, partial }) => {
    const b = builder();
    b.joined(joined);
    b.add(fields([10, 1.1]), 0, received);
    b.add(fields([63, 1.1]), 1, received);
    expect(b.take()).toMatchObject([{ partial }]);
    b.add(fields([130, 1.1]), 2, received);
    expect(b.take()).toMatchObject([{ partial: false }]);
  });

  test.each`
    joined         | received             | first   | what                                                     | partial
    ${TEN + 90e3}  | ${TEN + 90_100}      | ${59.5} | ${'a late tick of the minute before the subscription'}   | ${'10:00 10:01'}
    ${TEN + 60e3}  | ${TEN + 60_100}      | ${59.5} | ${'a late tick after a subscription at the full minute'} | ${'10:00'}
    ${null}        | ${TEN + 60_100}      | ${59.5} | ${'a late tick of an unknown beginning'}                 | ${'10:00 10:01'}
    ${TEN + 90e3}  | ${TEN + 90 * MINUTE} | ${59.5} | ${'a replay that may have had an earlier tick of 10:01'} | ${'10:00 10:01'}
    ${TEN + 150e3} | ${TEN + 150_100}     | ${150}  | ${'a minute without ticks before the subscription'}      | ${'10:00 10:01 10:02'}
  `('$what: partial $partial', ({ joined, received, first, partial }) => {
    const b = builder({ buildWithNoUpdates: true });
    b.add(fields([10, 1.1]), 0, TEN + 10_000);
    b.joined(joined);
    for (const [i, s] of [first, Math.max(first, 91), 190, 260].entries()) b.add(fields([s, 1.1]), 1 + i, received + i);
    const closed = b.take();
    expect(
      closed
        .filter((bar) => bar.partial)
        .map((bar) => clock(bar.start))
        .join(' '),
    ).toBe(partial);
    expect(closed.map((bar) => clock(bar.start))).toEqual(['10:00', '10:01', '10:02', '10:03']);
  });

  test('the order of first ticks changes no empty minute', () => {
    const starts = (trades: Trade[]): string[] =>
      build(trades, { graceMs: 300_000, buildWithNoUpdates: true }).bars.map((bar) => clock(bar.start));
    expect(
      starts([
        [200, 1],
        [10, 1],
      ]),
    ).toEqual(['10:00', '10:01', '10:02', '10:03']);
  });

  test('a volume whose units are no safe integer counts with every digit', () => {
    const b = builder();
    const volumeText = '12345678901234567.25';
    b.add({ ...fields([10, 1.1]), volumeText }, 0, null);
    b.add(fields([11, 1.1, 50]), 1, null);
    b.add(fields([63, 1.1]), 2, null);
    expect(b.take()).toMatchObject([{ volume: '12345678901234567.75' }]);
  });

  test('a first partial minute can be left out', () => {
    const b = builder({ skipFirstPartial: true });
    b.joined(null);
    for (const [i, s] of [10, 63, 130].entries()) b.add(fields([s, 1.1]), i, null);
    expect(b.take().map((bar) => clock(bar.start))).toEqual(['10:01']);
  });

  test('so can the minute of a late tick before it', () => {
    const b = builder({ skipFirstPartial: true });
    b.joined(TEN + 90_000);
    for (const [i, s] of [59.5, 91, 130, 190].entries()) b.add(fields([s, 1.1]), i, TEN + 90_100);
    expect(b.take().map((bar) => clock(bar.start))).toEqual(['10:02']);
  });

  test('an interruption marks the minutes on both sides of it', () => {
    const b = builder();
    for (const [i, s] of [10, 63, 130].entries()) b.add(fields([s, 1.1]), i, null);
    b.take();
    b.joined(null);
    for (const [i, s] of [200, 260].entries()) b.add(fields([s, 1.1]), 3 + i, null);
    expect(b.take().map((bar) => [clock(bar.start), bar.partial])).toEqual([
      ['10:02', true],
      ['10:03', true],
    ]);
  });

  test('composites are what their minutes make', () => {
    const trades = Array.from({ length: 700 }, (_, i): Trade => [i * 3.1, 1 + ((i * 37) % 101) / 100, i % 13]);
    const { bars } = build(trades, { composites: ['5m', '15m'] });
    const minutes = bars.filter((b) => b.tf === '1m');
    const five = [...settled(bars).values()].filter((b) => b.tf === '5m');
    // The eighth is not over: its last minutes did not come.
    expect(five.length).toBe(7);
    for (const b of five) {
      const within = minutes.filter((m) => m.start >= b.start && m.start < b.start + 5 * MINUTE);
      expect(b).toMatchObject({
        open: within[0]!.open,
        close: within.at(-1)!.close,
        high: Math.max(...within.map((m) => m.high)),
        low: Math.min(...within.map((m) => m.low)),
        n: within.reduce((n, m) => n + m.n, 0),
      });
    }
  });

  test('a correction of a minute corrects its composite', () => {
    const { bars } = build(
      [
        [10, 1.1],
        [303, 1.2],
        [20, 1.5],
        [306, 1.2],
      ],
      { composites: ['5m'] },
    );
    expect(bars.filter((b) => b.tf === '5m' && b.start === TEN)).toMatchObject([
      { high: 1.1, rev: 0 },
      { high: 1.5, n: 2, rev: 1 },
    ]);
  });
});
