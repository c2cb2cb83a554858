import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAll } from '../../../../test/contract/record-log/reading.ts';
import { recordingJournal } from '../../../../test/support/recording-journal.ts';
import { systemClock } from '../../../adapters/clock/system.ts';
import { virtualClock } from '../../../adapters/clock/virtual.ts';
import { prometheusMetrics } from '../../../adapters/metrics/prometheus.ts';
import { lmdbRecordLog } from '../../../adapters/record-log/lmdb.ts';
import { lmdbTradeStore } from '../../../adapters/trade-store/lmdb.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import type { LogRecord, RecordLog } from '../../../ports/record-log.ts';
import type { NewTrade, TradeStore } from '../../../ports/trade-store.ts';
import { TradeForwarder } from './forwarder.ts';
import { tradeUpkeep } from './trade-upkeep.ts';

const TOPIC = 'mcp2.enriched_trades';
const AT = 1_753_000_000_123;
const real = systemClock();
/** As the machine's, but nobody waits for long. */
const clock = { ...real, sleep: (ms: number, signal?: AbortSignal) => real.sleep(Math.min(ms, 5), signal) };

const idOf = (n: number): string => `01983f2a-7c00-7000-8000-${String(n).padStart(12, '0')}`;
const trade = (n: number, payload = `{"strategy":"breakout", "n":${n}}`): NewTrade => ({
  id: idOf(n),
  payload,
  at: AT + n,
  by: 'desk "1"',
  idempotency: null,
});
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

interface Desk {
  readonly store: TradeStore;
  readonly log: RecordLog;
  readonly journal: ReturnType<typeof recordingJournal>;
  /** A forwarder that runs until the test ends, or its `stop` is called. */
  start(over?: { log?: Partial<RecordLog>; store?: Partial<TradeStore> }): Running;
  records(topic?: string): Promise<LogRecord[]>;
  metrics(): Promise<string>;
}

interface Running {
  readonly forwarder: TradeForwarder;
  stop(): Promise<void>;
}

async function desk(maxRecordBytes?: number): Promise<Desk> {
  const path = await mkdtemp(join(tmpdir(), 'pulse-forwarder-'));
  const store = lmdbTradeStore({ path: join(path, 'trades'), clock });
  const log = lmdbRecordLog({ path: join(path, 'log'), clock, ...(maxRecordBytes && { maxRecordBytes }) });
  const journal = recordingJournal();
  const metrics = prometheusMetrics({ process: false });
  const running: Running[] = [];
  onTestFinished(async () => {
    await Promise.all(running.map(({ stop }) => stop()));
    await store.close();
    await log.close();
    await rm(path, { recursive: true });
  });
  return {
    store,
    log,
    journal,
    start(over = {}) {
      const needs = { store: { ...store, ...over.store }, log: { ...log, ...over.log }, clock, metrics, journal };
      const forwarder = new TradeForwarder(needs, { topic: TOPIC, forwarder: 'f', retentionDays: 0 });
      const end = new AbortController();
      const run = forwarder.run(end.signal);
      const stop = (): Promise<void> => {
        end.abort();
        return run;
      };
      running.push({ forwarder, stop });
      return { forwarder, stop };
    },
    records: (topic = TOPIC) => readAll(log, topic),
    metrics: () => metrics.text(),
  };
}

const settled = (store: TradeStore): Promise<void> =>
  expect.poll(async () => (await store.waiting()).trades, { timeout: 20_000 }).toBe(0);

test('a trade stands on its topic under its id, with its payload unchanged', async () => {
  const { store, start, records } = await desk();
  await store.put(trade(1, ' {"b" : 1.0e+00,"a":"\\ud83d Ω🙂"} '));
  start();
  await settled(store);
  const [record] = await records();
  expect(record!.value!.toString()).toBe(
    `{"id":"${idOf(1)}","received_at":"2025-07-20T08:26:40.124Z","received_by":"desk \\"1\\"","payload": {"b" : 1.0e+00,"a":"\\ud83d Ω🙂"} }`,
  );
  expect(record).toMatchObject({ key: idOf(1), timestamp: AT + 1 });
  expect([...record!.headers].map(([name, value]) => `${name}=${value}`)).toEqual([
    'content-type=application/json',
    'schema=StrategyPayloadV1',
  ]);
});

test('trades come in the order in which they were stored, those that are stored meanwhile too', async () => {
  const { store, start, records, metrics } = await desk();
  for (const n of numbers(600)) await store.put(trade(n));
  const { forwarder, stop } = start();
  for (const n of numbers(300)) await store.put(trade(600 + n));
  await settled(store);
  await stop();
  expect((await records()).map(({ key }) => key)).toEqual(numbers(900).map(idOf));
  expect(forwarder.figures()).toMatchObject({ forwarded: 900, dead: 0 });
  expect(await metrics()).toMatch(/^pulse_mcp2_trades_forwarded_total 900$/m);
});

test('while the record log is away trades wait, which is said once, and go when it is back', async () => {
  const { store, log, journal, start, records, metrics } = await desk();
  let [away, tries] = [true, 0];
  const { forwarder } = start({
    log: {
      append: async (batch) => {
        tries += 1;
        if (away) throw new PulseError('log.unavailable', { at: 'localhost:9092', reason: 'no answer' });
        await log.append(batch);
      },
    },
  });
  for (const n of numbers(10)) await store.put(trade(n));
  await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(3);
  await expect
    .poll(() => forwarder.readiness(), { timeout: 20_000 })
    .toMatchObject({
      ready: true,
      detail: expect.stringMatching(/^10 trades wait: cannot reach the record log/),
    });
  expect(journal.codes()).toEqual(['service.started', 'engine.lost']);
  expect(await metrics()).toMatch(/^pulse_mcp2_trades_waiting 10$/m);
  expect(await metrics()).toMatch(/^pulse_mcp2_trades_oldest_waiting_seconds [1-9]/m);
  away = false;
  await settled(store);
  await expect.poll(() => forwarder.readiness().detail, { timeout: 20_000 }).toBe('no trade waits');
  expect(journal.codes()).toEqual(['service.started', 'engine.lost', 'engine.restored']);
  expect((await records()).map(({ key }) => key)).toEqual(numbers(10).map(idOf));
});

test('a trade that the log has, and that could not be settled, comes again with the same bytes', async () => {
  const { store, start, records } = await desk();
  await store.put(trade(1));
  let failures = 2;
  start({
    store: {
      settle: async (ids) => {
        failures -= 1;
        if (failures >= 0) throw new PulseError('redis.unavailable', { at: 'redis://x', reason: 'no answer' });
        await store.settle(ids);
      },
    },
  });
  await settled(store);
  const found = await records();
  expect(found).toHaveLength(3);
  expect(new Set(found.map(({ key, value }) => `${key} ${value}`)).size).toBe(1);
});

test('a trade too large for the log goes to the dead letters with its reason, and holds up none', async () => {
  const { store, journal, start, records, metrics } = await desk(2_000);
  for (const n of numbers(9)) await store.put(trade(n, n === 4 ? `"${'é'.repeat(1_000)}"` : undefined));
  const { forwarder } = start();
  await settled(store);
  const keys = [...new Set((await records()).map(({ key }) => key))];
  expect(keys).toEqual([0, 1, 2, 3, 5, 6, 7, 8].map(idOf));
  const letters = await records(`${TOPIC}.dlq`);
  expect(letters).toHaveLength(1);
  expect(JSON.parse(letters[0]!.value!.toString())).toEqual({
    id: idOf(4),
    received_at: '2025-07-20T08:26:40.127Z',
    received_by: 'desk "1"',
    bytes: 2_002,
  });
  expect(letters[0]!.headers.get('reason')?.toString()).toBe('log.record.too-large');
  expect(letters[0]!.headers.get('source')?.toString()).toBe(`mcp2:trade:${idOf(4)}`);
  await expect.poll(() => forwarder.figures().dead, { timeout: 20_000 }).toBe(1);
  expect(journal.codes()).toContain('dead-letter.written');
  expect(await metrics()).toMatch(/^pulse_mcp2_trades_dead_total\{reason="log.record.too-large"\} 1$/m);
});

test('how many wait is not said before the queue was read', async () => {
  const { store, start } = await desk();
  let away = true;
  const lost = new PulseError('redis.unavailable', { at: 'redis://x', reason: 'no answer' });
  const { forwarder } = start({
    store: { waiting: () => (away ? Promise.reject(lost) : store.waiting()) },
  });
  expect(forwarder.readiness().detail).toBe('the queue was not read yet');
  away = false;
  await expect.poll(() => forwarder.readiness().detail, { timeout: 20_000 }).toBe('no trade waits');
});

test('an append that never ends does not hold up the end of the process', async () => {
  const { store, start } = await desk();
  await store.put(trade(1));
  const asked = Promise.withResolvers<void>();
  const { stop } = start({
    log: {
      append: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    },
  });
  await asked.promise;
  await stop();
  expect((await store.waiting()).trades).toBe(1);
});

test('trades older than the retention are deleted from time to time, and one that is not on its topic stays', async () => {
  const { store, journal } = await desk();
  const time = virtualClock(AT + 5 * 86_400_000);
  const metrics = prometheusMetrics({ process: false });
  const end = new AbortController();
  for (const n of numbers(3)) await store.put(trade(n));
  await store.put({ ...trade(3), at: time.now() });
  await store.settle([idOf(0), idOf(2), idOf(3)]);
  tradeUpkeep({ store, clock: time, metrics, journal }, 2, end.signal);
  await time.advance(600_000);
  await expect.poll(() => journal.codes(), { timeout: 20_000 }).toEqual(['retention.dropped']);
  expect((await store.recent(10)).map(({ id }) => id)).toEqual([idOf(3), idOf(1)]);
  end.abort();
});
