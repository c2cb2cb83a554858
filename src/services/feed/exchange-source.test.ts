import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { type RecordingJournal, recordingJournal } from '../../../test/support/recording-journal.ts';
import {
  type ServerConnection,
  startWebSocketServer,
  type WebSocketServer,
} from '../../../test/support/web-socket-server.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { webSocket } from '../../adapters/exchange-socket/web-socket.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import type { TickSource } from '../../ports/tick-source.ts';
import { type ExchangeOptions, exchangeSource } from './exchange-source.ts';

type Exchange = ExchangeOptions['exchange'];

const recorded = (name: string): string[] =>
  readFileSync(new URL(`../../../test/support/exchange-frames/${name}.ndjson`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

let server: WebSocketServer;
let stop: AbortController;
let reading: Promise<void> = Promise.resolve();
afterEach(async () => {
  stop.abort();
  await reading;
  await server.stop();
});

interface Running {
  readonly source: TickSource;
  readonly ids: string[];
  readonly journal: RecordingJournal;
  readonly metrics: ReturnType<typeof prometheusMetrics>;
}

/** Reads from a local exchange that calls `serve` for each subscription. */
async function run(
  exchange: Exchange,
  serve: (connection: ServerConnection, request: string) => void,
  silenceMs = 60_000,
): Promise<Running> {
  server = await startWebSocketServer((connection, text) => text !== null && serve(connection, text));
  stop = new AbortController();
  const journal = recordingJournal();
  const metrics = prometheusMetrics({ process: false });
  const source = exchangeSource(
    { socket: webSocket(), clock: systemClock(), random: seededRandom(1), journal, metrics },
    { exchange, symbols: null, url: server.url, silenceMs, delays: { first: 5, longest: 50 } },
  );
  const ids: string[] = [];
  reading = (async () => {
    for await (const batch of source.batches(stop.signal))
      for (const { symbol, payload } of batch) ids.push(`${symbol} ${JSON.parse(payload.toString()).id}`);
  })();
  return { source, ids, journal, metrics };
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 50_000 });
const isSubscription = (exchange: Exchange, text: string): boolean =>
  text.includes({ binance: 'SUBSCRIBE"', coinbase: 'market_trades', kraken: '"subscribe"' }[exchange]);

const ALL: Record<Exchange, string[]> = {
  binance: [
    'BTCUSDT 3735683259',
    'BTCUSDT 3735683260',
    'ETHUSDT 1520538925',
    'ETHUSDT 1520538926',
    'BTCUSDT 3735683261',
  ],
  coinbase: ['BTC-USD 682120103', 'BTC-USD 682120104', 'ETH-USD 561300777', 'BTC-USD 682120105'],
  kraken: ['BTC-USD 71234568', 'BTC-USD 71234569', 'BTC-USD 71234570', 'ETH-USD 55512001'],
};

test.each([
  'binance',
  'coinbase',
  'kraken',
] as const)('%s: gives the trades of the recorded frames, however often it is cut off in the middle', async (exchange) => {
  const frames = recorded(exchange);
  // Each connection gets one frame more, from the beginning, and then is cut; the last one stays.
  const { ids, journal, source } = await run(exchange, (connection, text) => {
    if (!isSubscription(exchange, text)) return;
    for (const frame of frames.slice(0, connection.index + 1)) connection.send(frame);
    if (connection.index + 1 < frames.length) setImmediate(() => connection.cut());
  });
  await until(() => expect(ids).toHaveLength(ALL[exchange].length));
  expect(ids).toEqual(ALL[exchange]);
  await until(() => expect(source.waitsFor).toBeNull());
  expect(server.connections.length).toBeGreaterThan(1);
  expect(journal.codes().filter((code) => code === 'gap.opened')).toEqual([]);
  expect(journal.codes()).toContain('engine.lost');
  expect(journal.codes()).toContain('engine.restored');
  expect(source.counts).toMatchObject({ ticks: ids.length, examples: [] });
});

const trade = (t: number): string =>
  `{"e":"trade","E":1,"s":"BTCUSDT","t":${t},"p":"1.5","q":"2","T":1723161255342,"m":true}`;

test('trades that were missed while it was cut off are told as a gap, and counted', async () => {
  const { ids, journal, metrics } = await run('binance', (connection) => {
    connection.send(trade(connection.index === 0 ? 10 : 15));
    if (connection.index === 0) connection.close(1001, '');
  });
  await until(() => expect(ids).toEqual(['BTCUSDT 10', 'BTCUSDT 15']));
  expect(journal.events.find(({ code }) => code === 'gap.opened')?.data).toEqual({
    exchange: 'binance',
    symbol: 'BTCUSDT',
    fromId: 11,
    toId: 14,
    missed: 4,
  });
  expect(await metrics.text()).toContain('pulse_feed_missed_trades_total{exchange="binance",symbol="BTCUSDT"} 4');
});

test('an exchange that falls silent is asked, and then left for a new connection', async () => {
  const { ids } = await run(
    'kraken',
    (connection, text) => {
      if (text.includes('ping') || connection.index > 0) connection.send(recorded('kraken')[4]!);
    },
    200,
  );
  await until(() => expect(ids).toEqual(['BTC-USD 71234568']));
  await until(() => expect(server.connections[0]!.received).toContain('{"method":"ping"}'));
});

test('a dead connection is noticed though nobody closes it', async () => {
  const { source } = await run('binance', () => undefined, 100);
  await until(() => expect(server.connections.length).toBeGreaterThan(2));
  expect(source.waitsFor).toBe('binance');
});

test('a refusal is told once, shown, and does not stop it', async () => {
  const refusal = '{"error":"Currency pair not supported","method":"subscribe","success":false}';
  const { source, journal, ids } = await run('kraken', (connection, text) => {
    if (!isSubscription('kraken', text)) return;
    for (const frame of [refusal, refusal, 'garbage']) connection.send(frame);
    if (connection.index > 1) connection.send(recorded('kraken')[4]!);
    else connection.cut();
  });
  await until(() => expect(ids).toHaveLength(1));
  expect(journal.events.filter(({ level }) => level === 'error')).toHaveLength(1);
  expect(source.waitsFor).toBeNull();
  expect(source.counts.unroutable.get('feed.exchange.refused')).toBe(
    source.counts.unroutable.get('feed.frame.unknown')! * 2,
  );
});

test('what came in before it was told to end still comes out', async () => {
  const { ids } = await run('binance', (connection) => {
    for (let t = 0; t < 500; t += 1) connection.send(trade(t));
  });
  await until(() => expect(ids.length).toBeGreaterThan(0));
  const seen = server.connections.length;
  stop.abort();
  await reading;
  expect(ids).toEqual(ids.map((_, t) => `BTCUSDT ${t}`));
  expect(server.connections).toHaveLength(seen);
});
