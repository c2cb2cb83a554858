import { tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import type { KeyValue } from '../../src/ports/key-value.ts';
import { candidateSide } from '../../src/services/reconcile/candidate-side.ts';
import { incumbentSide } from '../../src/services/reconcile/incumbent-side.ts';
import { reconcile, type Sides, symbolsOf } from '../../src/services/reconcile/reconcile.ts';
import { simulatedEntryStream } from './engines/entry-stream.ts';
import { simulatedRecordLog } from './engines/record-log.ts';
import { Life } from './life.ts';
import type { ParityEvidence } from './oracle/evidence.ts';
import { CORRECTION_MS, GRACE_MS, IDLE_MS } from './services.ts';
import { START, type World } from './world.ts';

/** How long after its end a minute stands on both sides, milliseconds. */
export const CLOSES_MS = GRACE_MS + IDLE_MS + 5_000;

/** Compares both sides of every symbol, as `pulse reconcile` does, and gives what that says. */
export async function reconcileAll(world: World, change: (sides: Sides) => Sides): Promise<ParityEvidence[]> {
  const life = new Life('reconcile', world.nature);
  const nonPositive = (): boolean => false;
  const streams = simulatedEntryStream(world.redis, life);
  const incumbent = incumbentSide(streams, noKeys, {
    streams: 'stream:bar',
    olderKey: null,
    tickPrefix: 'v2',
    nonPositive,
  });
  const sides = change({ incumbent, candidate: candidateSide(simulatedRecordLog(world.kafka, life), nonPositive) });
  const rules = {
    calendarOf: () => tradingCalendars['24x7'],
    instrumentOf: () => ({ tolerance: { pipSize: 1, priceTicks: 0, volume: '0' }, priceIncrement: null }),
    threshold: 99.9,
    closesMs: CLOSES_MS,
    settlesMs: CLOSES_MS + CORRECTION_MS,
  };
  const now = life.clock.now();
  const said: ParityEvidence[] = [];
  for (const symbol of await symbolsOf(sides)) {
    const { compared } = await reconcile(sides, symbol, { from: START - DAY, to: now }, rules, now);
    const reports = compared.map(({ report }) => report);
    const differing = compared.flatMap((each) => each.differing);
    const sum = (count: (report: (typeof reports)[number]) => number): number =>
      reports.reduce((total, report) => total + count(report), 0);
    said.push({
      symbol,
      closed: now - CLOSES_MS,
      expected: sum(({ expected }) => expected),
      agreeing: sum(({ agreeing }) => agreeing),
      mismatches: differing.map(({ start }) => start),
    });
  }
  return said;
}

const DAY = 86_400_000;
const noKeys = { get: async () => null } as Partial<KeyValue> as KeyValue;
