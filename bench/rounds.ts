import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pgliteDatabase } from '../src/adapters/database/pglite.ts';
import { lmdbEntryStream } from '../src/adapters/entry-stream/lmdb.ts';
import { prometheusMetrics } from '../src/adapters/metrics/prometheus.ts';
import { lmdbRecordLog } from '../src/adapters/record-log/lmdb.ts';
import { type Bar, bar } from '../src/domain/bar/bar.ts';
import { barFields } from '../src/domain/bar/bar-codec.ts';
import { closesAfter, defaultBarOptions, settlesAfter } from '../src/domain/bar/bar-options.ts';
import { barStream, barTopic } from '../src/domain/bar/bar-topics.ts';
import { tradingCalendars } from '../src/domain/calendar/trading-calendar.ts';
import type { Clock } from '../src/ports/clock.ts';
import type { EntryStream } from '../src/ports/entry-stream.ts';
import type { RecordLog } from '../src/ports/record-log.ts';
import { barRecord } from '../src/services/bars/bar-records.ts';
import { candidateSide } from '../src/services/reconcile/candidate-side.ts';
import { incumbentSide } from '../src/services/reconcile/incumbent-side.ts';
import { ParityWatch } from '../src/services/reconcile/watch.ts';
import { openParityLedger } from '../src/stores/parity-ledger.ts';
import type { Benchmark, Figures } from './benchmark.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const BEGIN = Date.UTC(2024, 0, 1);
/** Both may be set lower for a machine that is shared. */
const SESSIONS = Number(process.env.BENCH_SESSIONS ?? 100);
const SYMBOLS = Number(process.env.BENCH_SYMBOLS ?? 100);
/** Bars of a session, at its end. */
const BARS = 60;
/** Sessions at either end of the run whose rounds are compared; the very first ones run code that is not compiled yet. */
const EDGE = Math.max(1, Math.floor(SESSIONS / 10));

const STREAMS = 'stream:bar';
const names = Array.from({ length: SYMBOLS }, (_, i) => `SYM${String(i).padStart(4, '0')}`);

const barAt = (symbol: string, start: number): Bar =>
  bar({
    symbol,
    tf: '1m',
    start,
    open: 1.1,
    high: 1.1 + (start % 7) / 10_000,
    low: 1.1,
    close: 1.1,
    volume: '12.5',
    n: 10,
    rev: 0,
    digest: (start / MINUTE).toString(16).padStart(16, '0'),
    partial: false,
  });

/** Writes a bar of each symbol and of each of these minutes on both sides. */
async function write(log: RecordLog, streams: EntryStream, starts: readonly number[]): Promise<void> {
  const bars = names.flatMap((symbol) => starts.map((start) => barAt(symbol, start)));
  await log.append(bars.map((each) => barRecord(each, defaultBarOptions, { partition: 0, position: 0 }, null)));
  await streams.append(
    bars.map((each) => ({ stream: barStream(STREAMS, each.symbol, '1m'), fields: barFields(each) })),
  );
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function run(folder: string): Promise<Figures> {
  let now = BEGIN;
  let round = new AbortController();
  const clock: Clock = {
    now: () => now,
    monotonic: () => performance.now(),
    every: () => undefined,
    // The schedule's next round is begun by hand.
    sleep: async () => round.abort(),
  };
  const log = lmdbRecordLog({ path: join(folder, 'log'), clock, retentionMs: Number.MAX_SAFE_INTEGER });
  const streams = lmdbEntryStream({ path: join(folder, 'streams'), clock });
  const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  await log.createTopics(names.map((symbol) => ({ topic: barTopic(symbol, '1m'), compacted: true })));
  const keys = { get: async () => null, set: async () => undefined };
  const options = { streams: STREAMS, olderKey: null, tickPrefix: 'v2', nonPositive: () => false };
  const ledger = await openParityLedger(database);
  const watch = new ParityWatch(
    {
      sides: { incumbent: incumbentSide(streams, keys, options), candidate: candidateSide(log, () => false) },
      ledger,
      clock,
      metrics: prometheusMetrics({ process: false }),
      journal: { event: () => undefined },
      madeUp: async () => () => false,
    },
    {
      calendarOf: () => tradingCalendars['24x7'],
      instrumentOf: () => ({ tolerance: { pipSize: 0.0001, priceTicks: 1, volume: '0' }, priceIncrement: null }),
      threshold: 99.9,
      closesMs: closesAfter(defaultBarOptions),
      settlesMs: settlesAfter(defaultBarOptions),
      schedule: '* * * * *',
    },
  );
  const timed = async (): Promise<number> => {
    round = new AbortController();
    const begun = performance.now();
    await watch.run(round.signal);
    return performance.now() - begun;
  };
  const running: number[] = [];
  const settling: number[] = [];
  for (let session = 0; session < SESSIONS; session += 1) {
    const from = BEGIN + session * DAY;
    now = from + 10 * MINUTE;
    // The first of the session, the last one being settled: it is recorded now.
    await write(log, streams, [from]);
    settling.push(await timed());
    now = from + DAY - 10 * MINUTE;
    await write(
      log,
      streams,
      Array.from({ length: BARS - 2 }, (_, i) => from + (i + 1) * 20 * MINUTE),
    );
    await timed();
    now += MINUTE;
    await write(log, streams, [now - 5 * MINUTE]);
    running.push(await timed());
  }
  const recorded = (await ledger.entries()).length;
  await Promise.all([log.close(), streams.close(), database.close()]);
  const early = (all: readonly number[]): number => median(all.slice(EDGE, 2 * EDGE));
  const late = (all: readonly number[]): number => median(all.slice(-EDGE));
  return {
    'sessions recorded': recorded,
    [`running round, sessions ${EDGE + 1} to ${2 * EDGE}, ms`]: early(running),
    [`running round, last ${EDGE} sessions, ms`]: late(running),
    'last by first, running': late(running) / early(running),
    [`round in which a session settles, sessions ${EDGE + 1} to ${2 * EDGE}, ms`]: early(settling),
    [`round in which a session settles, last ${EDGE}, ms`]: late(settling),
    'last by first, settling': late(settling) / early(settling),
    'memory at the end, MB': process.memoryUsage().rss / 1e6,
  };
}

export const rounds: Benchmark = {
  name: 'rounds',
  about: `rounds of \`reconcile --watch\` over ${SESSIONS} sessions of ${BARS} bars of ${SYMBOLS} symbols, embedded engines`,
  aims: { 'last by first, running': { most: 1.3 }, 'last by first, settling': { most: 1.3 } },
  runs: 1,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'pulse-rounds-'));
    try {
      return await run(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
