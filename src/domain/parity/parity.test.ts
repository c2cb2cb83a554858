import { expect, test } from 'vitest';
import { wholeSession } from '../../../test/support/whole-session.ts';
import { MINUTE } from '../base/timeframe.ts';
import { tradingCalendars } from '../calendar/trading-calendar.ts';
import type { SideEvidence } from './comparison.ts';
import { compare, verdictOf } from './parity.ts';
import type { SideBar } from './parity-bar.ts';
import type { TapedTick } from './parity-tape.ts';

const calendar = tradingCalendars['24x7'];
const session = calendar.session('2024-01-02')!;
const TEN = Date.parse('2024-01-02T10:00Z');

const bar = (start: number, change: Partial<SideBar> = {}): SideBar => ({
  start,
  open: 1.1,
  high: 1.1,
  low: 1.1,
  close: 1.1,
  volume: '0',
  n: 37,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: null,
  ...change,
});
const empty = (start: number): SideBar => bar(start, { n: 0, digest: '0000000000000000' });

function compared(
  incumbent: readonly SideBar[],
  candidate: readonly SideBar[],
  evidence: { settled?: number; candidate?: Partial<SideEvidence> } = {},
) {
  return compare({
    ...wholeSession(calendar, session),
    settled: evidence.settled ?? session.to,
    incumbent: { bars: incumbent, gaps: [], late: [] },
    candidate: { bars: candidate, gaps: [], late: [], ...evidence.candidate },
  });
}

test('a bar missing on one side is a mismatch, and counts', () => {
  const { report } = compared([bar(TEN), bar(TEN + MINUTE)], [bar(TEN)]);
  expect(report).toMatchObject({ expected: 2, agreeing: 1, parity: 50, verdict: 'below threshold' });
  expect(report.mismatches).toMatchObject([{ start: TEN + MINUTE, missing: 'candidate', cause: 'missing bar' }]);
});

test.each`
  lacking        | cause
  ${'candidate'} | ${'missing ticks'}
  ${'incumbent'} | ${'extra ticks'}
`(
  'a bar without ticks of the $lacking is none, though its prices are near those of a bar with 37',
  ({ lacking, cause }) => {
    const [full, carried] = [
      [bar(TEN), bar(TEN + MINUTE)],
      [bar(TEN), empty(TEN + MINUTE)],
    ];
    const { report, worthReading } = lacking === 'candidate' ? compared(full, carried) : compared(carried, full);
    expect(report).toMatchObject({ expected: 2, agreeing: 1, bars: { [lacking]: 1 } });
    expect(report.mismatches).toMatchObject([{ missing: lacking, n: { [lacking]: 0 }, cause, fields: [] }]);
    expect(report.mismatches[0]!.evidence).toContain(`the ${lacking} has only a bar without ticks`);
    expect(worthReading).toEqual([TEN + MINUTE]);
  },
);

test('a bar without ticks although its tape holds some is told as a missing bar', () => {
  const ticks = new Map<number, TapedTick[]>([
    [TEN, [{ ts: TEN, price: 1.1, volume: '1', place: 'ticks.EURUSD/0@7' }]],
  ]);
  const { report } = compared([bar(TEN)], [empty(TEN)], { candidate: { ticks } });
  expect(report.mismatches).toMatchObject([
    {
      cause: 'missing bar',
      evidence: expect.stringContaining('has only a bar without ticks, although its tape holds 1'),
    },
  ]);
});

test('two bars without ticks, or one alone, are nothing to compare', () => {
  const { report } = compared(
    [bar(TEN), empty(TEN + MINUTE)],
    [bar(TEN), empty(TEN + MINUTE), empty(TEN + 2 * MINUTE)],
  );
  expect(report).toMatchObject({ expected: 1, agreeing: 1, bars: { incumbent: 1, candidate: 1 } });
});

test('a side that does not say how many ticks it has is compared by its values', () => {
  const { report } = compared([bar(TEN, { n: null, digest: null })], [empty(TEN)]);
  expect(report).toMatchObject({ expected: 1, agreeing: 1 });
});

test.each`
  settled                 | whole    | why
  ${session.to}           | ${true}  | ${'all of it is settled'}
  ${session.to - MINUTE}  | ${false} | ${'its last minute may still be corrected'}
  ${session.from + 1_000} | ${false} | ${'it is under way'}
`('a session is whole only once settled: $why', ({ settled, whole }) => {
  expect(compared([bar(TEN)], [bar(TEN)], { settled }).report.whole).toBe(whole);
});

test('a part of a session is never whole', () => {
  const comparison = {
    ...wholeSession(calendar, session),
    incumbent: { bars: [bar(TEN)], gaps: [], late: [] },
    candidate: { bars: [bar(TEN)], gaps: [], late: [] },
  };
  expect(compare(comparison).report.whole).toBe(true);
  expect(compare({ ...comparison, from: session.from + MINUTE }).report.whole).toBe(false);
  expect(compare({ ...comparison, to: session.to - MINUTE }).report.whole).toBe(false);
  expect(compare({ ...comparison, session: null }).report.whole).toBe(false);
});

test('a minute of which a side has a bar that cannot be read counts, and does not agree, whatever the other side has', () => {
  const unread = {
    place: 'here',
    code: 'bar.range',
    reason: 'it is none',
    start: TEN + MINUTE,
    after: TEN,
    before: null,
  };
  const { report } = compared([bar(TEN)], [bar(TEN)], { candidate: { unreadable: [unread as never] } });
  expect(report).toMatchObject({ expected: 2, agreeing: 1, causes: { 'unreadable bar': 1 }, unreadable: { count: 1 } });
});

test('a side that has ticks in few minutes is too little evidence, however many bars of the other agree with none', () => {
  const rule = { threshold: 99.9, minSessionBars: 30 };
  expect(verdictOf({ incumbent: 1_440, candidate: 1 }, 1_440, 1_440, rule)).toBe('too little evidence');
  expect(verdictOf({ incumbent: 1_440, candidate: 1_440 }, 1_440, 1_440, rule)).toBe('passed');
});
