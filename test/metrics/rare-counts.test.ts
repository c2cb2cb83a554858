import { expect, test } from 'vitest';
import { virtualClock } from '../../src/adapters/clock/virtual.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { runHost } from '../../src/app/host/host.ts';
import type { Journals } from '../../src/app/host/journal.ts';
import { type Hosted, Supervisor } from '../../src/app/host/supervisor.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { StrategyPayload } from '../../src/domain/trade/strategy-payload.ts';
import type { SourceTick } from '../../src/ports/tick-source.ts';
import { MeaningSearch, type MeaningSearchNeeds } from '../../src/services/desk/documents/meaning-search.ts';
import { guidanceMetrics } from '../../src/services/desk/guidance/guidance-metrics.ts';
import { type GuidanceSources, gatherFacts } from '../../src/services/desk/guidance/inputs.ts';
import { tradeUpkeep } from '../../src/services/desk/trades/trade-upkeep.ts';
import { AnalysisOutbox } from '../../src/services/enrichment/analysis-outbox.ts';
import type { EnrichmentNeeds, WorkerOptions } from '../../src/services/enrichment/needs.ts';
import { upkeep } from '../../src/services/enrichment/upkeep.ts';
import { type FeedNeeds, feed } from '../../src/services/feed/feed.ts';
import { CandidateMember } from '../support/candidate-member.ts';
import { EnrichmentDesk } from '../support/enrichment-desk.ts';
import { recordingJournal } from '../support/recording-journal.ts';
import { memoryLog, SlowWrites } from '../support/slow-writes.ts';
import { steppingClock } from '../support/stepping-clock.ts';
import { tradePayload } from '../support/trade-payloads.ts';

const TEN = Date.UTC(2014, 4, 1, 10);
const databaseAway = new PulseError('database.unavailable', { at: 'here', reason: 'no answer' });
const redisAway = new PulseError('redis.unavailable', { at: 'here', reason: 'no answer' });
const rejects = (error: Error) => (): Promise<never> => Promise.reject(error);

test('quotes that are crossed or locked are counted as such', async () => {
  const log = memoryLog(new SlowWrites());
  const quote = (bid: number, ask: number) => ({
    topic: 'ticks.EURUSD',
    key: 'EURUSD',
    value: Buffer.from(JSON.stringify({ ts: TEN, bid, ask })),
    timestamp: TEN,
  });
  await log.append([quote(1.2, 1.1), quote(1.1, 1.1), quote(1.1, 1.2)]);
  const member = new CandidateMember(log, { now: TEN, committed: { 'ticks.EURUSD': 0 } });
  await member.take(0);
  const text = await member.metrics.text();
  expect(text).toContain('pulse_bars_flagged_ticks_total{side="candidate",flag="crossed"} 1');
  expect(text).toContain('pulse_bars_flagged_ticks_total{side="candidate",flag="locked"} 1');
});

test('upkeep of trades that fails is counted, and tried again', async () => {
  const [clock, metrics] = [virtualClock(TEN), prometheusMetrics({ process: false })];
  const store = { prune: rejects(redisAway) };
  const needs = { store, clock, metrics, journal: recordingJournal() } as unknown as Parameters<typeof tradeUpkeep>[0];
  tradeUpkeep(needs, 7, new AbortController().signal);
  await clock.advance(1_200_000);
  expect(await metrics.text()).toContain('pulse_mcp2_trades_upkeep_failures_total 2');
});

test('upkeep of enriched ticks that fails is counted, and tried again', async () => {
  const [clock, metrics] = [virtualClock(TEN), prometheusMetrics({ process: false })];
  const rows = { partitions: { ensureAhead: rejects(databaseAway) } };
  const needs = { rows, clock, metrics, journal: recordingJournal() } as unknown as EnrichmentNeeds;
  await upkeep(needs, { retentionDays: 7, stream: 's' } as WorkerOptions, new AbortController().signal);
  await clock.advance(600_000);
  expect(await metrics.text()).toContain('pulse_enrichment_upkeep_failures_total 2');
});

test('an input of guidance whose engine is away is counted as missing', async () => {
  const metrics = prometheusMetrics({ process: false });
  const away = rejects(databaseAway);
  const sources = { analysis: away, close: away, rate: away, earlier: away, accountCurrency: null };
  await gatherFacts(tradePayload() as StrategyPayload, {
    sources: { ...sources, instrument: () => ({ quoteCurrency: null }) } as unknown as GuidanceSources,
    clock: steppingClock(TEN),
    metrics: guidanceMetrics(metrics),
    turn: async () => undefined,
  });
  expect(await metrics.text()).toContain('pulse_mcp2_guidance_inputs_missing_total{input="analysis"} 1');
});

test('vectors that cannot be read at the start are counted, and read later', async () => {
  const [clock, metrics] = [steppingClock(TEN), prometheusMetrics({ process: false })];
  let failures = 2;
  const vectors = {
    since: async () => {
      failures -= 1;
      if (failures >= 0) throw databaseAway;
      return [];
    },
    count: async () => 0,
  };
  const needs = { vectors, clock, metrics, journal: recordingJournal() } as unknown as MeaningSearchNeeds;
  await new MeaningSearch(needs).load(new AbortController().signal);
  expect(await metrics.text()).toContain('pulse_mcp2_vector_load_failures_total 2');
});

test('entries that a stream lost before anyone was given them are counted', async () => {
  const desk = new EnrichmentDesk();
  desk.publish();
  desk.skips = true;
  await desk.start();
  await desk.clock.advance(2_000);
  await desk.stop();
  expect(await desk.metrics.text()).toMatch(/^pulse_enrichment_skipped_total 1$/m);
  expect(desk.journal.codes()).toContain('entry.trimmed');
});

test('analyses are counted when they are on their topic', async () => {
  const metrics = prometheusMetrics({ process: false });
  const stop = new AbortController();
  const analyses = {
    publish: async (_max: number, publish: (of: readonly unknown[]) => Promise<void>) => {
      await publish([{ symbol: 'EURUSD', timeframe: '1m', text: '{}' }]);
      stop.abort();
      return 1;
    },
    unpublished: async () => 0,
  };
  const log = memoryLog(new SlowWrites());
  const needs = { analyses, log, clock: steppingClock(TEN), metrics, journal: recordingJournal() };
  await new AnalysisOutbox(needs as unknown as EnrichmentNeeds, 'analyses').run(stop.signal);
  expect(await metrics.text()).toMatch(/^pulse_enrichment_analyses_total [12]$/m);
});

test('a feed counts what it published, what it published again, and what it could not route', async () => {
  const metrics = prometheusMetrics({ process: false });
  const ticks: SourceTick[] = ['EURUSD', 'DAX'].map((symbol) => ({ symbol, payload: Buffer.from('{}') }));
  let failures = 1;
  const pubsub = {
    async publish() {
      failures -= 1;
      if (failures >= 0) throw redisAway;
    },
  };
  const source = {
    name: 'replay',
    async *batches() {
      yield ticks;
    },
    counts: { ticks: 2, unroutable: new Map([['tick.symbol.missing', 3]]), examples: [] },
    share: 1,
    waitsFor: null,
  };
  const needs = { source, pubsub, metrics, clock: steppingClock(TEN), journal: recordingJournal() };
  const options = { prefix: 'v2', streamLength: 0, symbolStreams: false, batch: 10 };
  await feed(needs as unknown as FeedNeeds, options).run(new AbortController().signal);
  const text = await metrics.text();
  expect(text).toContain('pulse_feed_ticks_total{symbol="DAX"} 1');
  expect(text).toContain('pulse_feed_republished_ticks_total 2');
  expect(text).toContain('pulse_feed_unroutable_total{reason="tick.symbol.missing"} 3');
});

test('a service is up while it runs, and a start that failed is counted', async () => {
  const metrics = prometheusMetrics({ process: false });
  const seen: string[] = [];
  let failures = 1;
  const hosted: Hosted = {
    name: 'mirror',
    async make() {
      failures -= 1;
      if (failures >= 0) throw redisAway;
      return {
        name: 'mirror',
        run: async () => void seen.push(await metrics.text()),
        readiness: () => ({ ready: true, detail: '' }),
        figures: () => ({}),
      };
    },
  };
  const needs = { clock: steppingClock(TEN), random: seededRandom('up'), metrics, journal: recordingJournal() };
  await new Supervisor(hosted, needs).run(new AbortController().signal);
  expect(seen[0]).toContain('pulse_service_up{service="mirror"} 1');
  const text = await metrics.text();
  expect(text).toContain('pulse_service_up{service="mirror"} 0');
  expect(text).toContain('pulse_service_retries_total{service="mirror",code="redis.unavailable"} 1');
});

test('every process tells its version', async () => {
  const metrics = prometheusMetrics({ process: false });
  const journals = { of: () => recordingJournal(), clean: (text: string) => text } as unknown as Journals;
  const needs = { clock: steppingClock(TEN), random: seededRandom('version'), metrics, journals };
  await runHost([], needs, { instance: 'desk-1', version: '0.1.0', listeners: [] }, AbortSignal.abort());
  expect(await metrics.text()).toContain('pulse_build_info{version="0.1.0"} 1');
});
