import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { openTickFile } from '../../src/adapters/tick-file/tick-file.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { engines } from '../../src/app/engines/composition.ts';
import { play } from '../../src/app/play/play.ts';
import { openSides, reconcileRules } from '../../src/app/wiring/reconcile.ts';
import { tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import { defaultGateRule, gateOf, symbolGate } from '../../src/domain/parity/gate.ts';
import type { Note } from '../../src/domain/parity/parity-report.ts';
import { replaySource } from '../../src/services/feed/replay-source.ts';
import { reconcile } from '../../src/services/reconcile/reconcile.ts';
import {
  type Defect,
  defectiveLog,
  defectiveStreams,
  defectKinds,
  expectedOf,
  planDefects,
  type TapeQuote,
} from '../support/defects.ts';
import { describeWith } from '../support/needs.ts';
import { tickSet } from '../support/tick-sets.ts';

const clock = systemClock();
const EACH = 22;
/** This feed has no two ticks of one time at the end of a minute: ties are swapped on another. */
const kinds = defectKinds.filter((kind) => kind !== 'ties swapped');
const quiet = { event: () => undefined };

async function quotesOf(path: string): Promise<TapeQuote[]> {
  const quotes: TapeQuote[] = [];
  for await (const batch of (await openTickFile(path)).batches(new AbortController().signal))
    for (const { payload } of batch) {
      const { ts, bid, ask } = JSON.parse(payload.toString()) as TapeQuote;
      quotes.push({ ts: Math.round(ts * 1_000), bid, ask });
    }
  return quotes;
}

/** Plays the set through both paths with these defects, and reconciles all of it. */
async function reconciled(path: string, plan: readonly Defect[], tolPriceTicks = 1) {
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-defects-'));
  const { config } = readConfig('verify', { flags: { calendars: 'EUR*=fx,*=24x7' }, env: {}, file: null });
  const opened = engines({ config, clock, dataDir, policy: 'embedded' });
  onTestFinished(async () => {
    await opened.close();
    await rm(dataDir, { recursive: true });
  });
  const values = { ...config.values, tickStreamLength: 10_000_000, tolPriceTicks };
  const defective = defectiveLog(await opened.log(), plan);
  const streams = defectiveStreams(await opened.streams(), plan);
  const own = {
    log: async () => defective.log,
    pubSub: opened.pubSub,
    streams: async () => streams,
    lease: opened.lease,
  };
  const needs = {
    engines: own,
    values,
    dataDir,
    instance: 'test',
    clock,
    metrics: prometheusMetrics(),
    journal: () => quiet,
  };
  const source = replaySource({ file: await openTickFile(path), clock }, { speed: 'max', shift: null });
  const played = await play(needs, source, { missed: defective.netLost }, new AbortController().signal);
  expect(played.complete).toBe(true);
  const sides = await openSides(opened, values, false);
  return reconcile(sides, 'EURUSD', { every: 'session' }, reconcileRules(values), Number.MAX_SAFE_INTEGER);
}

/** On a machine that stands still for seconds a bar closes by the clock and is corrected: that is told, and is no defect of the tape. */
const notByTheClock = (notes: readonly Note[], plan: readonly Defect[] = []): Note[] =>
  notes.filter(({ note, start }) => note !== 'late tick (corrected)' || plan.some((each) => each.start === start));

const at = (start: number): string => new Date(start).toISOString().slice(0, 16);

await describeWith('on eleven weekdays of EURUSD', { ticks: true }, () => {
  test('each of more than 200 planted defects is found with its cause, and nothing else', {
    timeout: 300_000,
  }, async () => {
    const { ticks } = tickSet('EURUSD.fxcm.2014-05');
    const plan = planDefects(await quotesOf(ticks), kinds, EACH, seededRandom('defects'));
    expect(plan).toHaveLength(EACH * kinds.length);

    const { compared } = await reconciled(ticks, plan);
    const reports = compared.map(({ report }) => report);
    const mismatches = reports.flatMap((r) => [...r.mismatches, ...r.offCalendar.mismatches]);
    const notes = notByTheClock(
      reports.flatMap((r) => [...r.notes, ...r.offCalendar.notes]),
      plan,
    );
    const told = [
      ...mismatches.map((m) => ({ start: m.start, as: 'mismatch', told: m.cause as string })),
      ...notes.map((n) => ({ start: n.start, as: 'note', told: n.cause ?? n.note })),
    ];
    expect(told.map(({ start, told }) => `${at(start)} ${told}`).sort()).toEqual(
      plan.map(({ start, kind }) => `${at(start)} ${expectedOf[kind].told}`).sort(),
    );
    for (const { kind, start } of plan) {
      const { as } = expectedOf[kind];
      const found = told.find((each) => each.start === start);
      if (as !== 'either') expect(`${kind} ${at(start)}: ${found?.as}`).toBe(`${kind} ${at(start)}: ${as}`);
    }
    for (const { missing, fields, cause, firstTick } of mismatches) {
      expect(missing !== null || cause === 'doubled bar' || fields.some(({ within }) => !within)).toBe(true);
      if (cause !== 'doubled bar' && cause !== 'missing bar') expect(firstTick).not.toBeNull();
    }

    const [{ tolerance }] = reports as [(typeof reports)[0]];
    const entries = reports.flatMap(({ session, ...r }) => (session === null ? [] : [{ ...r, session }]));
    const gate = gateOf([symbolGate('EURUSD', tradingCalendars.fx, entries, { ...defaultGateRule, tolerance }, null)]);
    expect([gate.state, gate.exit]).toEqual(['below threshold', 2]);
  });

  test('ticks of one time in another order are told as such', { timeout: 300_000 }, async () => {
    const { ticks } = tickSet('EURUSD.oanda.2014-05');
    const plan = planDefects(await quotesOf(ticks), ['ties swapped'], EACH, seededRandom('ties'));
    expect(plan.length).toBeGreaterThanOrEqual(5);
    // Any difference counts: what such ticks differ by is less than a tick.
    const { compared } = await reconciled(ticks, plan, 0);
    const mismatches = compared.flatMap(({ report: r }) => [...r.mismatches, ...r.offCalendar.mismatches]);
    expect(mismatches.map(({ start, cause }) => `${at(start)} ${cause}`).sort()).toEqual(
      plan.map(({ start }) => `${at(start)} tie order`).sort(),
    );
    for (const { firstTick } of mismatches) expect(firstTick?.kind).toBe('other order');
  });

  test('on clean data nothing is found', { timeout: 300_000 }, async () => {
    const { compared } = await reconciled(tickSet('EURUSD.fxcm.2014-05').ticks, []);
    expect(compared).not.toEqual([]);
    for (const { report } of compared) {
      expect([report.parity, report.mismatches, notByTheClock(report.notes)]).toEqual([100, [], []]);
      expect([report.offCalendar.mismatches, notByTheClock(report.offCalendar.notes)]).toEqual([[], []]);
    }
  });
});
