import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { lmdbKeyValue } from '../../src/adapters/key-value/lmdb.ts';
import { lmdbRecordLog } from '../../src/adapters/record-log/lmdb.ts';
import { bar } from '../../src/domain/bar/bar.ts';
import { barFields, encodeBar } from '../../src/domain/bar/bar-codec.ts';
import { barStream, barTopic } from '../../src/domain/bar/bar-topics.ts';
import { tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import type { SessionReport } from '../../src/domain/parity/parity-report.ts';
import type { Tolerance } from '../../src/domain/parity/parity-tolerance.ts';
import type { Database } from '../../src/ports/database.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import type { KeyValue } from '../../src/ports/key-value.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import { openParityLedger } from '../../src/stores/parity-ledger.ts';
import { Shell } from './command-line.ts';

const clock = systemClock();

/** The embedded engines of a desk, to be filled before commands run. */
export interface DeskEngines {
  readonly log: RecordLog;
  readonly streams: EntryStream;
  readonly keys: KeyValue;
}

/** A shell in whose data directory a `pulse up` once ran, with what `fill` puts into its engines. */
export async function deskShell(
  fill: (engines: DeskEngines) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<Shell> {
  const shell = await Shell.open(env);
  onTestFinished(() => shell.close());
  await mkdir(join(shell.dataDir, 'database'), { recursive: true });
  const path = (name: string): string => join(shell.dataDir, name);
  const engines = {
    log: lmdbRecordLog({ path: path('log'), clock }),
    streams: lmdbEntryStream({ path: path('streams'), clock }),
    keys: lmdbKeyValue({ path: path('keys') }),
  };
  await fill(engines);
  for (const engine of Object.values(engines)) await engine.close();
  return shell;
}

/** A one-minute bar at `start`, as the paths write it. */
export const deskBar = (symbol: string, start: number) =>
  bar({
    symbol,
    tf: '1m',
    start,
    open: 1,
    high: 1,
    low: 1,
    close: 1,
    volume: '1',
    n: 1,
    rev: 0,
    digest: '00000000000000aa',
    partial: false,
  });

/** Writes a bar to the incumbent's stream. */
export async function onRedis({ streams }: Pick<DeskEngines, 'streams'>, symbol: string, start: number): Promise<void> {
  await streams.append([{ stream: barStream('stream:bar', symbol, '1m'), fields: barFields(deskBar(symbol, start)) }]);
}

/** Writes a bar to the candidate's topic. */
export async function onKafka({ log }: Pick<DeskEngines, 'log'>, symbol: string, start: number): Promise<void> {
  const topic = barTopic(symbol, '1m');
  await log.createTopics([{ topic, partitions: 1, compacted: true }]);
  await log.append([{ topic, key: String(start), value: Buffer.from(encodeBar(deskBar(symbol, start))) }]);
}

export interface DeskSessions {
  readonly symbol?: string;
  /** How many, up to now. */
  readonly sessions: number;
  /** Of each session; by default 1,440, all of which agree. */
  readonly bars?: number;
  readonly agreeing?: number;
  readonly demo?: boolean;
  readonly tolerance?: Partial<Tolerance>;
  readonly warnings?: readonly string[];
}

/** Puts sessions into the ledger of a desk that nobody has opened. */
export async function recordSessions({ dataDir }: Shell, sessions: DeskSessions): Promise<void> {
  const database = await pgliteDatabase({ path: join(dataDir, 'database'), clock });
  await recordSessionsIn(database, sessions);
  await database.close();
}

/** Puts sessions into a ledger. */
export async function recordSessionsIn(
  database: Database,
  {
    symbol = 'BTCUSD',
    sessions,
    bars = 1_440,
    agreeing = bars,
    demo = false,
    tolerance = {},
    warnings = [],
  }: DeskSessions,
): Promise<void> {
  const ledger = await openParityLedger(database);
  const calendar = tradingCalendars['24x7'];
  let session = calendar.lastEnded(clock.now());
  for (let n = 0; n < sessions; n += 1) {
    const report: SessionReport = {
      symbol,
      calendar: '24x7',
      session: session.date,
      whole: true,
      from: session.from,
      to: session.to,
      // As derived from a tape that shows four decimals, and whole volumes.
      tolerance: { pipSize: 0.0001, priceTicks: 1, priceDerived: true, volume: '1', volumeDerived: true, ...tolerance },
      threshold: 99.9,
      bars: { incumbent: bars, candidate: bars },
      expected: bars,
      agreeing,
      parity: (agreeing / bars) * 100,
      lowerBound: null,
      verdict: agreeing === bars ? 'passed' : 'below threshold',
      causes: {},
      mismatches: [],
      notes: [],
      warnings,
      offCalendar: { compared: 0, agreeing: 0, mismatches: [], notes: [] },
    };
    await ledger.record(report, { at: clock.now(), demo, kind: 'parity' });
    session = calendar.lastEnded(session.from);
  }
}
