import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { EarlierTrade } from '../../src/domain/guidance/fact-sources.ts';
import { instrumentOf } from '../../src/domain/instrument/instrument.ts';
import type { Guidance } from '../../src/ports/desk.ts';
import type { EntryStream } from '../../src/ports/entry-stream.ts';
import type { AskModel } from '../../src/services/desk/guidance/ask-model.ts';
import { type GuidanceNeeds, guidance } from '../../src/services/desk/guidance/guidance.ts';
import type { GuidanceCall, GuidanceCalls } from '../../src/stores/guidance-calls.ts';
import { recordingJournal } from './recording-journal.ts';
import { steppingClock } from './stepping-clock.ts';
import { TRADE_TIME, tradeAnalysis } from './trade-payloads.ts';

/** Stored calls in memory, for what the database itself has no part in. */
export function memoryCalls(): Pick<GuidanceCalls, 'insert' | 'newestOf' | 'get'> & { readonly all: GuidanceCall[] } {
  const all: GuidanceCall[] = [];
  return {
    all,
    insert: async (call) => void all.push(structuredClone(call)),
    get: async (id) => all.find((call) => call.id === id) ?? null,
    newestOf: async (hash, configured, since) =>
      all.findLast(
        (call) => call.promptHash === hash && call.configured === configured && !call.reused && call.at >= since,
      ) ?? null,
  };
}

export interface GuidanceDesk {
  readonly guidance: Guidance;
  readonly clock: ReturnType<typeof steppingClock>;
  readonly journal: ReturnType<typeof recordingJournal>;
  readonly metrics: ReturnType<typeof prometheusMetrics>;
  readonly streams: EntryStream;
  close(): Promise<void>;
}

let desks = 0;

/** Guidance in a market that knows EURUSD, half a minute after the trade of trade-payloads.ts. */
export async function openDesk(
  models: AskModel,
  calls: GuidanceNeeds['calls'],
  { earlier = [], reuseSeconds = 300 }: { earlier?: readonly EarlierTrade[]; reuseSeconds?: number } = {},
): Promise<GuidanceDesk> {
  desks += 1;
  const folder = await mkdtemp(join(tmpdir(), 'pulse-guidance-'));
  const clock = steppingClock(TRADE_TIME + 30_000);
  const [journal, metrics] = [recordingJournal(), prometheusMetrics({ process: false })];
  const streams = await lmdbEntryStream({ path: join(folder, 'streams'), clock });
  const sources = {
    analysis: async (symbol: string) => (symbol === 'EURUSD' ? tradeAnalysis() : null),
    close: async (symbol: string) => (symbol === 'EURUSD' ? { price: 1.0951, at: TRADE_TIME } : null),
    rate: async () => 'none' as const,
    earlier: async (strategy: string) => (strategy === 'london-breakout' ? earlier : []),
    instrument: (symbol: string) => instrumentOf(symbol, { table: [], settings: () => ({}) }),
    accountCurrency: null,
  };
  return {
    guidance: guidance(
      { models, sources, streams, calls, clock, random: seededRandom(`guidance ${desks}`), metrics, journal },
      { version: '0.1.0', reuseSeconds },
    ),
    clock,
    journal,
    metrics,
    streams,
    async close() {
      await streams.close();
      await rm(folder, { recursive: true });
    },
  };
}
