import { expect, test } from 'vitest';
import { wholeSession } from '../../../test/support/whole-session.ts';
import { MINUTE } from '../base/timeframe.ts';
import { tradingCalendars } from '../calendar/trading-calendar.ts';
import { compare } from './parity.ts';
import type { SideBar } from './parity-bar.ts';
import type { SessionReport } from './parity-report.ts';
import { revises } from './parity-revision.ts';
import type { TapedTick } from './parity-tape.ts';

const calendar = tradingCalendars['24x7'];
const session = calendar.session('2026-07-01')!;
const bar = (minute: number, high: number, digest: string): SideBar => ({
  start: session.from + minute * MINUTE,
  open: 1.1,
  high,
  low: 1 - ((minute * 5) % 17) / 100,
  close: 1.1,
  volume: '10',
  n: 5,
  rev: 0,
  digest,
  partial: false,
  place: null,
});

/** 300 bars of a session, in each of which the candidate's high is off, the last one by `last`. */
function reported(last = 0.5, ticks: ReadonlyMap<number, readonly TapedTick[]> = new Map()): SessionReport {
  const minutes = Array.from({ length: 300 }, (_, i) => i);
  const off = (i: number): number => (i === 299 ? last : 0.1 + ((i * 7) % 13) / 100);
  return compare({
    ...wholeSession(calendar, session),
    incumbent: { bars: minutes.map((i) => bar(i, 1.2, '00000000000000aa')), gaps: [], late: [], ticks },
    candidate: { bars: minutes.map((i) => bar(i, 1.2 + off(i), '00000000000000bb')), gaps: [], late: [], ticks },
  }).report;
}

test('a change of a bar that is counted and not told is one all the same', () => {
  expect(reported().mismatches).toHaveLength(100);
  expect(revises(reported(), reported())).toBe(false);
  expect(revises(reported(0.6), reported())).toBe(true);
});

test('that causes fade with the tape, and so other bars are told, changes nothing', () => {
  const same = [{ ts: session.from, price: 1.1, volume: '1', place: 'ticks.EURUSD/0@7' }];
  const ticks = new Map(Array.from({ length: 150 }, (_, i) => [session.from + i * MINUTE, same]));
  const [before, now] = [reported(0.5, ticks), reported()];
  expect([before.causes, now.causes]).toEqual([{ arithmetic: 150, 'altered ticks': 150 }, { 'altered ticks': 300 }]);
  expect(revises(now, before)).toBe(false);
});

test('a record of before, which holds every bar and no hash, is compared by them', () => {
  const { outcome: _, ...before } = reported();
  const few = { ...before, mismatches: [] };
  expect(revises(reported(), few)).toBe(true);
  const clean = { ...before, agreeing: before.expected, mismatches: [] };
  expect(revises({ ...clean, outcome: reportedClean().outcome! }, clean)).toBe(false);
});

function reportedClean(): SessionReport {
  const bars = [bar(0, 1.2, '00000000000000aa')];
  const side = { bars, gaps: [], late: [] };
  const { tolerance, threshold, from, to } = reported();
  return compare({
    symbol: 'EURUSD',
    calendar,
    session,
    from,
    to,
    settled: to,
    tolerance,
    threshold,
    incumbent: side,
    candidate: side,
  }).report;
}
