import { expect, test } from 'vitest';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { closesAfter, defaultBarOptions, settlesAfter } from '../../domain/bar/bar-options.ts';
import { type CalendarName, tradingCalendars } from '../../domain/calendar/trading-calendar.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { defaultGateRule, symbolGate } from '../../domain/parity/gate.ts';
import { type Side, type SideBar, settledBars } from '../../domain/parity/parity-bar.ts';
import type { SessionReport } from '../../domain/parity/parity-report.ts';
import type { UnreadableBar } from '../../domain/parity/side-bars.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LedgerRow, ParityLedger } from '../../stores/parity-ledger.ts';
import { type ReconcileRules, reconcile } from './reconcile.ts';
import { sideReadings } from './side-readings.ts';
import type { SideSource } from './side-source.ts';
import { ParityWatch } from './watch.ts';

const at = (iso: string): number => Date.parse(`${iso}Z`);
const tolerance = { pipSize: 0.0001, priceTicks: 1, volume: '1' };

const bar = (iso: string, change: Partial<SideBar> = {}): SideBar => ({
  start: at(iso),
  open: 1.1,
  high: 1.1,
  low: 1.1,
  close: 1.1,
  volume: '1',
  n: 1,
  rev: 0,
  digest: '00000000000000aa',
  partial: false,
  place: null,
  ...change,
});

function memoryLedger() {
  const rows = new Map<string, LedgerRow>();
  let asked = 0;
  const ledger: ParityLedger = {
    async record(report, extra) {
      // As a database does it: what comes back is not what was put in.
      rows.set(`${report.calendar} ${report.session}`, { report: structuredClone(report), ...extra });
      return true;
    },
    entries: async () => [...rows.values()].map(({ report, demo }) => ({ ...report, session: report.session!, demo })),
    sessions: async (_symbol, limit) => {
      asked += 1;
      return [...rows.values()].sort((a, b) => (a.report.session! < b.report.session! ? 1 : -1)).slice(0, limit);
    },
    report: async () => null,
  };
  return { ledger, rows, row: (key: string) => rows.get(key), asked: () => asked };
}

/** EURUSD on two sides that a test fills, a ledger, and a watch that does a round when told to. */
function desk() {
  const bars = { incumbent: [] as SideBar[], candidate: [] as SideBar[] };
  const unreadable: UnreadableBar[] = [];
  const lookups: string[] = [];
  /** Whole readings, and what a reading of what is new gives instead. */
  const reads: string[] = [];
  let stale: SideBar[] | null = null;
  const side = (name: Side): SideSource => {
    const nothing = {
      size: 0,
      items: async () => [],
      again: async () => [],
      forget: () => undefined,
      unload: () => undefined,
    };
    const growing = () => {
      const forgotten = new Set<SideBar>();
      const left = (all: readonly SideBar[]): SideBar[] => all.filter((b) => !forgotten.has(b));
      return {
        get size() {
          return left(bars[name]).length;
        },
        items: async () => left(stale ?? bars[name]),
        async again() {
          reads.push(name);
          return left(bars[name]);
        },
        forget: (isOld: (b: SideBar) => boolean) => bars[name].filter(isOld).forEach((b) => void forgotten.add(b)),
        unload: () => undefined,
      };
    };
    const readings = { bars: growing, barOf: (b: SideBar) => b, gaps: () => nothing, late: () => nothing };
    const { read, follow } = sideReadings(readings, (_symbol, read) => ({
      bars: read,
      unreadable: name === 'candidate' ? [...unreadable] : [],
      async ticksOf(minutes) {
        lookups.push(`${name} ${minutes.length}`);
        return new Map();
      },
    }));
    return {
      symbols: async () => ['EURUSD'],
      has: async () => true,
      newest: async () => settledBars(bars[name]),
      follow,
      read: (symbol) => {
        reads.push(`all of the ${name}`);
        return read(symbol);
      },
    };
  };
  const sides = { incumbent: side('incumbent'), candidate: side('candidate') };
  const rules: ReconcileRules & { schedule: string; calendar: CalendarName } = {
    calendar: '24x7',
    calendarOf: () => tradingCalendars[rules.calendar],
    instrumentOf: () => ({ tolerance, priceIncrement: null }),
    threshold: 99.9,
    closesMs: closesAfter(defaultBarOptions),
    settlesMs: settlesAfter(defaultBarOptions),
    schedule: '* * * * *',
  };
  const kept = memoryLedger();
  const told: string[] = [];
  const codes: string[] = [];
  let now = 0;
  /** Time goes on from look to look at the clock. */
  let looks = 0;
  let madeUp: (report: SessionReport) => boolean = () => false;
  const metrics = prometheusMetrics({ process: false });
  let end = new AbortController();
  const clock: Clock = {
    now: () => now,
    monotonic: () => (looks += 250),
    every: () => undefined,
    sleep: async () => end.abort(),
  };
  const journal = {
    event(_level: string, code: string, message: string) {
      told.push(message);
      codes.push(code);
    },
  };
  const needs = { sides, ledger: kept.ledger, clock, metrics, journal, madeUp: async () => madeUp };
  let watch: ParityWatch | null = null;
  return {
    bars,
    unreadable,
    lookups,
    rules,
    sides,
    told,
    codes,
    metrics,
    ...kept,
    reads,
    keeps(kept: SideBar[] | null) {
      stale = kept;
    },
    demo(tells: typeof madeUp) {
      madeUp = tells;
    },
    both(...added: SideBar[]) {
      bars.incumbent.push(...added);
      bars.candidate.push(...added);
    },
    async round(iso: string) {
      now = at(iso);
      end = new AbortController();
      watch ??= new ParityWatch(needs, rules);
      await watch.run(end.signal);
      return watch;
    },
  };
}

test('a session under way is known how it stands, and does not count', async () => {
  const { both, round, rows, ledger, rules } = desk();
  for (const day of '12345') both(bar(`2024-01-0${day}T00:01`));
  const watch = await round('2024-01-05T00:10');
  expect([...rows.keys()].map((key) => key.slice(-2))).toEqual(['01', '02', '03', '04']);
  expect(watch.running.get('EURUSD')).toMatchObject({ expected: 1, agreeing: 1 });
  const rule = { ...defaultGateRule, tolerance, minSessionBars: 1 };
  const gate = symbolGate('EURUSD', rules.calendarOf(''), await ledger.entries(), rule, at('2024-01-05T00:10'));
  expect(gate).toMatchObject({ state: 'too few sessions', run: 4 });
});

test('the ticks of bars that differ are looked up once, and again when either side writes another version of them', async () => {
  const { bars, both, round, lookups } = desk();
  both(bar('2024-01-01T00:01'), bar('2024-01-02T00:01'));
  bars.incumbent.push(bar('2024-01-01T00:02', { digest: '00000000000000bb' }));
  bars.candidate.push(bar('2024-01-01T00:02', { digest: '00000000000000cc' }));
  await round('2024-01-02T00:10');
  expect(lookups).toEqual(['incumbent 1', 'candidate 1']);
  await round('2024-01-02T00:11');
  both(bar('2024-01-02T00:11'));
  await round('2024-01-02T00:13');
  expect(lookups).toHaveLength(2);
  bars.candidate.push(bar('2024-01-01T00:02', { digest: '00000000000000dd', rev: 1 }));
  await round('2024-01-02T00:14');
  expect(lookups).toHaveLength(4);
});

test('what is recorded is made of a whole reading, which is done only when something is to be recorded', async () => {
  const { both, round, reads, keeps, row } = desk();
  both(bar('2024-01-01T00:01'), bar('2024-01-02T00:01'));
  // Something that is not there any more.
  keeps([bar('2024-01-01T00:01'), bar('2024-01-01T00:02'), bar('2024-01-02T00:01')]);
  await round('2024-01-02T00:10');
  expect(reads).toEqual(['incumbent', 'candidate']);
  expect(row('24x7 2024-01-01')?.report).toMatchObject({ expected: 1, agreeing: 1 });
  keeps(null);
  await round('2024-01-02T00:11');
  both(bar('2024-01-02T00:11'));
  await round('2024-01-02T00:13');
  expect(reads).toHaveLength(2);
});

test('a session that is reconciled by hand while it is under way is not whole', async () => {
  const { both, sides, rules } = desk();
  both(bar('2024-01-05T00:01'));
  const wanted = { session: '2024-01-05' };
  const whole = async (iso: string): Promise<boolean> =>
    (await reconcile(sides, 'EURUSD', wanted, rules, at(iso))).compared[0]!.report.whole;
  expect(await whole('2024-01-05T00:05')).toBe(false);
  expect(await whole('2024-01-06T00:06')).toBe(false);
  expect(await whole('2024-01-06T00:07')).toBe(true);
});

test.each`
  window       | before                   | after
  ${300_000}   | ${'2024-01-06T00:06:06'} | ${'2024-01-06T00:06:07'}
  ${0}         | ${'2024-01-06T00:01:06'} | ${'2024-01-06T00:01:07'}
  ${3_600_000} | ${'2024-01-06T01:01:06'} | ${'2024-01-06T01:01:07'}
`('with a correction window of $window ms a session is recorded at $after', async ({ window, before, after }) => {
  const { both, round, rules, rows } = desk();
  Object.assign(rules, { settlesMs: settlesAfter({ ...defaultBarOptions, correctionWindowMs: window }) });
  both(bar('2024-01-05T23:59'));
  await round(before);
  expect(rows.size).toBe(0);
  await round(after);
  expect(rows.size).toBe(1);
});

test('a session that comes to something else later is recorded again, and said to have changed', async () => {
  const { both, bars, round, row, told, metrics } = desk();
  both(bar('2024-01-05T23:59'));
  await round('2024-01-06T00:07');
  expect(row('24x7 2024-01-05')!.report).toMatchObject({ expected: 1, agreeing: 1 });
  bars.incumbent.push(bar('2024-01-05T23:59', { n: 2, high: 2, rev: 1, digest: '00000000000000bb' }));
  bars.incumbent.push(bar('2024-01-05T12:00'));
  await round('2024-01-06T01:00');
  expect(row('24x7 2024-01-05')!.report).toMatchObject({ expected: 2, agreeing: 0 });
  expect(told.join('\n')).toContain('it was recorded before, and has changed');
  for (const cause of ['missing ticks', 'missing bar'])
    expect(await metrics.text()).toContain(`pulse_parity_mismatches_total{symbol="EURUSD",cause="${cause}"} 1`);
  const recordedAt = row('24x7 2024-01-05')!.at;
  await round('2024-01-06T02:00');
  expect(row('24x7 2024-01-05')!.at).toBe(recordedAt);
});

test('what was recorded stays when a side is trimmed', async () => {
  const { both, bars, round, row } = desk();
  both(bar('2024-01-05T10:00'), bar('2024-01-05T11:00'), bar('2024-01-06T11:00'));
  await round('2024-01-06T01:00');
  bars.incumbent.shift();
  await round('2024-01-06T02:00');
  expect(row('24x7 2024-01-05')!.report).toMatchObject({ expected: 2, agreeing: 2 });
});

test('sessions that lie further back than the ledger was asked for are let be', async () => {
  const { both, round, rows, told } = desk();
  const day = (n: number): string => new Date(at('2022-01-01T10:00') + n * 86_400_000).toISOString().slice(0, 16);
  for (let n = 0; n < 410; n += 1) both(bar(day(n)));
  await round('2024-01-01T01:00');
  const recorded = told.length;
  await round('2024-01-01T01:01');
  await round('2024-01-01T01:02');
  expect(rows.size).toBe(410);
  expect(told.slice(recorded).filter((message) => message.includes('2022-'))).toEqual([]);
});

test('a session that was recorded within another tolerance is recorded anew', async () => {
  const { both, round, rules, row } = desk();
  both(bar('2024-01-05T10:00'));
  Object.assign(rules, {
    instrumentOf: () => ({ tolerance: { ...tolerance, priceTicks: 1_000_000_000 }, priceIncrement: null }),
  });
  await round('2024-01-06T01:00');
  Object.assign(rules, { instrumentOf: () => ({ tolerance, priceIncrement: null }) });
  await round('2024-01-06T02:00');
  expect(row('24x7 2024-01-05')!.report.tolerance).toEqual(tolerance);
});

test('the same date on another calendar is another session', async () => {
  const { both, round, rules, rows } = desk();
  both(bar('2024-01-04T10:00'));
  await round('2024-01-06T01:00');
  Object.assign(rules, { calendar: 'fx' });
  await round('2024-01-06T02:00');
  expect([...rows.keys()]).toEqual(expect.arrayContaining(['24x7 2024-01-04', 'fx 2024-01-04']));
});

test('sessions of the made-up market are marked, and marked anew once they are known to be', async () => {
  const { both, round, row, demo } = desk();
  both(bar('2024-01-04T10:00'), bar('2024-01-05T10:00'));
  demo(({ session }) => session === '2024-01-04');
  await round('2024-01-06T01:00');
  expect([row('24x7 2024-01-04')!.demo, row('24x7 2024-01-05')!.demo]).toEqual([true, false]);
  demo(() => true);
  await round('2024-01-06T02:00');
  expect(row('24x7 2024-01-05')!.demo).toBe(true);
});

const untold = { start: null, after: null, before: null, prices: null };

test('bars that cannot be read are told once, not with every round', async () => {
  const { both, round, told, unreadable } = desk();
  both(bar('2024-01-05T10:00'));
  const unread = (): string[] => told.filter((message) => message.includes('cannot be read'));
  unreadable.push({ place: 'bars.EURUSD.1m/0@7', code: 'bar.not-json', reason: 'the bar is not JSON: x', ...untold });
  await round('2024-01-06T01:00');
  await round('2024-01-06T01:01');
  expect(unread()).toEqual([expect.stringContaining("1 bars of EURUSD on the candidate's side cannot be read")]);
  unreadable.push({ place: 'bars.EURUSD.1m/0@9', code: 'bar.not-json', reason: 'the bar is not JSON: y', ...untold });
  await round('2024-01-06T01:02');
  expect(unread()).toHaveLength(2);
});

test('a session that has ended and is not settled is not recorded, whatever its calendar', async () => {
  const { both, round, rows, rules } = desk();
  Object.assign(rules, { calendar: 'fx' });
  both(bar('2014-05-06T20:59'));
  const watch = await round('2014-05-06T21:03');
  expect([rows.size, watch.running.get('EURUSD')]).toEqual([0, expect.objectContaining({ whole: false })]);
});

test('what is settled and recorded is not read again, unless a bar of it comes after all', async () => {
  const { both, bars, round, reads, row, asked } = desk();
  for (let day = 1; day <= 9; day += 1) both(bar(`2024-01-0${day}T10:00`), bar(`2024-01-0${day}T10:01`));
  await round('2024-01-09T11:00');
  expect(reads).toEqual(['incumbent', 'candidate']);
  await round('2024-01-09T11:01');
  const before = asked();
  both(bar('2024-01-09T11:02'));
  const watch = await round('2024-01-09T11:05');
  expect(watch.running.get('EURUSD')).toMatchObject({ expected: 3, agreeing: 3 });
  expect([asked() - before, reads.length]).toEqual([0, 2]);
  bars.candidate.push(bar('2024-01-03T10:01', { n: 2, close: 1.2, high: 1.2, rev: 1, digest: '00000000000000bb' }));
  await round('2024-01-09T11:06');
  expect(reads.slice(2)).toEqual(['all of the incumbent', 'all of the candidate']);
  expect(row('24x7 2024-01-03')!.report).toMatchObject({ expected: 2, agreeing: 1 });
  await round('2024-01-09T11:07');
  expect(reads).toHaveLength(4);
});

test('the decimals that a symbol showed hold, though the bars that showed them are not looked at any more', async () => {
  const { both, round, rules } = desk();
  const shown: unknown[] = [];
  Object.assign(rules, {
    instrumentOf: (_symbol: string, steps?: { price: string | null }) => {
      shown.push(steps?.price);
      return { tolerance, priceIncrement: null };
    },
  });
  both(bar('2024-01-01T10:00', { close: 1.09999 }), bar('2024-01-02T10:00'), bar('2024-01-03T10:00'));
  for (const minute of ['00', '01', '02']) await round(`2024-01-03T11:${minute}`);
  expect(new Set(shown)).toEqual(new Set(['0.00001']));
});

const corrected = (iso: string): SideBar =>
  bar(iso, { n: 2, close: 1.2, high: 1.2, rev: 1, digest: '00000000000000bb' });

test('a bar that comes late is seen in the very next round', async () => {
  const { both, bars, round, row } = desk();
  for (let day = 1; day <= 9; day += 1) both(bar(`2024-01-0${day}T10:00`));
  await round('2024-01-09T11:00');
  for (const day of [3, 4, 5]) {
    bars.candidate.push(corrected(`2024-01-0${day}T10:00`));
    await round(`2024-01-09T11:0${day}`);
    expect(row(`24x7 2024-01-0${day}`)!.report).toMatchObject({ expected: 1, agreeing: 0 });
  }
});

test('a bar that comes late is not lost to a round that fails', async () => {
  const { both, bars, round, row, sides, told, ledger } = desk();
  for (let day = 1; day <= 9; day += 1) both(bar(`2024-01-0${day}T10:00`));
  await round('2024-01-09T11:00');
  bars.incumbent.push(corrected('2024-01-03T10:00'));
  const away = new PulseError('redis.unavailable', { at: 'redis://x', reason: 'away' });
  const { read } = sides.candidate;
  sides.candidate.read = () => Promise.reject(away);
  await round('2024-01-09T11:01');
  sides.candidate.read = read;
  const { record } = ledger;
  ledger.record = () => Promise.reject(away);
  await round('2024-01-09T11:02');
  ledger.record = record;
  await round('2024-01-09T11:03');
  expect(row('24x7 2024-01-03')!.report).toMatchObject({ expected: 1, agreeing: 0 });
  expect(told).toContain('reconciles again');
});

test('where finer decimals show, sessions are judged anew that agreed within coarser ones', async () => {
  const { both, bars, round, row, rules } = desk();
  Object.assign(rules, {
    instrumentOf: (_symbol: string, steps?: { price: string | null }) => ({
      tolerance: { pipSize: Number(steps?.price ?? 1), priceTicks: 1, volume: '1', priceDerived: true },
      priceIncrement: null,
    }),
  });
  const flat = (price: number) => ({ open: price, high: price, low: price, close: price });
  bars.incumbent.push(bar('2024-01-01T10:00', flat(1)));
  bars.candidate.push(bar('2024-01-01T10:00', { ...flat(2), digest: '00000000000000bb' }));
  for (const day of [2, 3]) both(bar(`2024-01-0${day}T10:00`, flat(1)));
  await round('2024-01-03T11:00');
  expect(row('24x7 2024-01-01')!.report).toMatchObject({ expected: 1, agreeing: 1 });
  both(bar('2024-01-03T11:00', { ...flat(1), high: 1.234, close: 1.234 }));
  await round('2024-01-03T11:05');
  expect(row('24x7 2024-01-01')!.report).toMatchObject({ expected: 1, agreeing: 0 });
});

test('a symbol that cannot be compared is told once, and the service goes on', async () => {
  const { both, round, rules, told, codes } = desk();
  both(bar('2024-01-01T00:01'), bar('2024-01-02T00:01'));
  Object.assign(rules, {
    calendarOf: () => {
      throw new Error('no such calendar');
    },
  });
  await round('2024-01-02T00:10');
  await round('2024-01-02T00:11');
  expect(told.filter((message) => message.includes('no such calendar'))).toEqual([
    'EURUSD could not be compared: no such calendar',
  ]);
  expect(codes).toContain('parity.failed');
  expect(codes).not.toContain('service.failed');
});

test('how long a round took is told', async () => {
  const { both, round, metrics } = desk();
  both(bar('2024-01-01T00:01'), bar('2024-01-02T00:01'));
  await round('2024-01-02T00:10');
  expect(await metrics.text()).toMatch(/^pulse_reconcile_seconds 0\.[1-9]\d*$/m);
});
