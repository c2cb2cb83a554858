import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionReport } from '../../src/domain/parity/parity-report.ts';
import { openParityLedger, type ParityLedger } from '../../src/stores/parity-ledger.ts';
import { type OpenDatabase, onBothDatabases } from '../support/both-databases.ts';

const SESSION = '2026-07-01';
const FROM = Date.parse(`${SESSION}T00:00Z`);

const report = (incumbent: number, candidate: number, change: Partial<SessionReport> = {}): SessionReport => ({
  symbol: 'BTCUSD',
  calendar: '24x7',
  session: SESSION,
  whole: true,
  from: FROM,
  to: FROM + 86_400_000,
  tolerance: { pipSize: 0.01, priceTicks: 1, volume: '0.001' },
  threshold: 99.9,
  bars: { incumbent, candidate },
  expected: Math.max(incumbent, candidate),
  agreeing: Math.min(incumbent, candidate),
  parity: 100,
  lowerBound: 99.7,
  verdict: 'passed',
  causes: {},
  mismatches: [],
  notes: [],
  warnings: [],
  offCalendar: { compared: 0, agreeing: 0, mismatches: [], notes: [] },
  ...change,
});

function suite(open: OpenDatabase): void {
  let close: () => Promise<void>;
  let ledger: ParityLedger;
  beforeAll(async () => {
    const opened = await open();
    close = opened.close;
    ledger = await openParityLedger(opened.database);
  });
  afterAll(() => close());
  const record = (each: SessionReport, kind: 'parity' | 'noise' = 'parity') =>
    ledger.record(each, { at: FROM, demo: false, kind });
  const bars = async () => (await ledger.report('BTCUSD', SESSION))?.bars;

  test('a side that was trimmed takes the place of nothing; one that knows as much, or more, does', async () => {
    expect(await record(report(1_000, 1_000))).toBe(true);
    for (const [incumbent, candidate] of [
      [10, 1_000],
      [1_000, 10],
      [1_440, 999],
      [0, 0],
    ] as const)
      expect(await record(report(incumbent, candidate))).toBe(false);
    expect(await bars()).toEqual({ incumbent: 1_000, candidate: 1_000 });
    expect(await record(report(1_000, 1_000, { agreeing: 999, verdict: 'passed' }))).toBe(true);
    expect(await record(report(1_440, 1_000))).toBe(true);
    expect(await bars()).toEqual({ incumbent: 1_440, candidate: 1_000 });
    // The noise floor is a record of its own.
    expect(await record(report(5, 5), 'noise')).toBe(true);
    expect(await bars()).toEqual({ incumbent: 1_440, candidate: 1_000 });
  });

  test('an entry has its warnings, also one of an earlier release, which knew none', async () => {
    await record(report(2_000, 2_000, { warnings: ['the price tolerance is wide'] }));
    expect((await ledger.entries())[0]!.warnings).toEqual(['the price tolerance is wide']);
    const { warnings: _, ...earlier } = report(2_000, 2_000);
    await record(earlier as SessionReport);
    expect((await ledger.entries())[0]!.warnings).toEqual([]);
  });
}

await onBothDatabases(suite);
