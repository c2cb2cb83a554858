import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../src/adapters/clock/system.ts';
import { lmdbEntryStream } from '../src/adapters/entry-stream/lmdb.ts';
import { redisEntryStream } from '../src/adapters/entry-stream/redis.ts';
import type { EntryStream } from '../src/ports/entry-stream.ts';
import { startKafka } from '../test/support/kafka-broker.ts';
import { addressesOf, Mcp2Desk, trendTrade } from '../test/support/mcp2-desk.ts';
import { MODEL, KEY as MODEL_KEY, startModelServer } from '../test/support/model-server/model-server.ts';
import { openaiForm } from '../test/support/model-server/openai.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import { startRedis } from '../test/support/redis-server.ts';
import { ServiceProcess } from '../test/support/service-process.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { type Load, load } from './load.ts';

const clock = systemClock();
const KEY = 'a-key-of-some-length';
const CONNECTIONS = 32;
const SECONDS = 6;

interface Rig {
  readonly desk: Mcp2Desk;
  readonly streams: EntryStream;
  readonly process: ServiceProcess;
  dispose(): Promise<void>;
}

const ENV = { MCP2_PORT: '0', MCP2_API_KEY: KEY, MCP2_RATE_LIMIT_PER_MINUTE: '0', MCP2_LLM_RATE_LIMIT_PER_MINUTE: '0' };

async function real(env: Readonly<Record<string, string>> = {}): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-bench-'));
  const [redis, postgres, kafka] = [await startRedis(), await startPostgres({ durable: true }), await startKafka()];
  const process = new ServiceProcess(['mcp2'], {
    ...ENV,
    ...env,
    PULSE_DATA_DIR: folder,
    REDIS_URL: redis.url,
    PG_DSN: postgres.dsn,
    KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
  });
  const [address = ''] = await addressesOf(process, 1);
  const streams = redisEntryStream({ url: redis.url, clock });
  return {
    desk: new Mcp2Desk(address, KEY),
    streams,
    process,
    async dispose() {
      await process.end('SIGTERM');
      await streams.close();
      await Promise.all([redis.dispose(), postgres.dispose(), kafka.dispose()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function embedded(): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'pulse-bench-'));
  const process = new ServiceProcess(['up', '--feed', 'none'], { ...ENV, PULSE_DATA_DIR: folder });
  const [, address = ''] = await addressesOf(process, 2);
  const streams = lmdbEntryStream({ path: join(folder, 'streams'), clock });
  return {
    desk: new Mcp2Desk(address, KEY),
    streams,
    process,
    async dispose() {
      await process.end('SIGTERM');
      await streams.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const START = 1_772_460_000;

/** Bars, entries and documents to read. */
async function fill({ streams, desk }: Rig): Promise<void> {
  const bars = Array.from({ length: 500 }, (_, i) => ({
    stream: 'stream:bar:1m:EURUSD',
    fields: {
      ts: String(START + i * 60),
      open: '1.08',
      high: '1.09',
      low: '1.07',
      close: '1.085',
      volume: '60',
      n: '60',
    },
  }));
  await streams.append(bars);
  const folder = new URL('../test/search-quality/documents/', import.meta.url);
  for (const file of readdirSync(folder))
    await desk.post('/documents', { content: readFileSync(new URL(file, folder), 'utf8'), format: 'markdown' });
}

/** The routes that are called often: what to ask, and of which kind. */
function hotRoutes(id: string): Readonly<Record<string, Pick<Load, 'body'> & { readonly path: string }>> {
  const guidance = JSON.stringify({ payload: trendTrade() });
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'fetch_payload', arguments: { id } } };
  return {
    'POST /log_enriched_trade': { path: '/log_enriched_trade', body: JSON.stringify(trendTrade()) },
    'GET /fetch_payload': { path: `/fetch_payload?id=${id}` },
    'GET /trades/recent 10': { path: '/trades/recent?limit=10' },
    'GET /search_docs': { path: '/search_docs?query=stop+loss+order' },
    'GET /bars 60': { path: '/bars/EURUSD?count=60' },
    'GET /streams 10': { path: '/streams/bar/1m/EURUSD?count=10' },
    'POST /llm/whisperer (rules)': { path: '/llm/whisperer', body: guidance },
    'POST /mcp fetch_payload': { path: '/mcp', body: JSON.stringify(call) },
    'GET /health': { path: '/health' },
  };
}

const MCP_HEADERS = { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-06-18' };

const throughput = (name: string, start: () => Promise<Rig>, about: string, aims: Benchmark['aims']): Benchmark => ({
  name,
  about: `${about}; ${CONNECTIONS} connections, one request at a time on each, the load in another process`,
  aims,
  runs: 1,
  async run(): Promise<Figures> {
    const rig = await start();
    try {
      await fill(rig);
      const { id } = (await rig.desk.post('/log_enriched_trade', trendTrade())).body;
      const figures: Record<string, number> = {};
      for (const [route, { path, body }] of Object.entries(hotRoutes(id))) {
        const asked = {
          url: `${rig.desk.address}${path}`,
          connections: CONNECTIONS,
          headers: { 'x-api-key': KEY, ...MCP_HEADERS },
          ...(body !== undefined && { body }),
        };
        // The first seconds go to the compiler.
        await load({ ...asked, seconds: 3 });
        const met = await load({ ...asked, seconds: SECONDS });
        figures[`${route}: requests/s`] = met.perSecond;
        figures[`${route}: p99 ms`] = met.p99;
      }
      return figures;
    } finally {
      await rig.dispose();
    }
  },
});

const IDLE = 10_000;
const idler = fileURLToPath(new URL('./idle.ts', import.meta.url));

const idle: Benchmark = {
  name: 'mcp2-idle',
  about: `${IDLE} idle connections, and trades posted at 1,000 a second meanwhile`,
  aims: { 'still open': { least: IDLE } },
  runs: 1,
  async run(): Promise<Figures> {
    const rig = await real();
    try {
      const { hostname, port } = new URL(rig.desk.address);
      const child = spawn(process.execPath, [idler, hostname, port, String(IDLE)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const said = (word: string): Promise<number> =>
        new Promise((resolve) => {
          child.stdout.on('data', (bytes: Buffer) => {
            const found = new RegExp(`${word} (\\d+)`).exec(bytes.toString());
            if (found !== null) resolve(Number(found[1]));
          });
        });
      const opened = await said('open');
      const body = JSON.stringify(trendTrade());
      const met = await load({
        url: `${rig.desk.address}/log_enriched_trade`,
        connections: CONNECTIONS,
        seconds: 20,
        rate: 1_000,
        body,
        headers: { 'x-api-key': KEY },
      });
      const still = said('still');
      child.stdin.end();
      return {
        opened,
        'still open': await still,
        'POST /log_enriched_trade meanwhile: p99 ms': met.p99,
        'requests/s meanwhile': met.perSecond,
      };
    } finally {
      await rig.dispose();
    }
  },
};

const PENDING = 200;
const MODEL_SECONDS = 5;
/** Of numbers of the trade alone: other answers are not given. */
const GUIDANCE = { signal: 'RSI is 63.2.', risk: 'Open risk is 0.8 %.', action: 'Take it.', journal: 'Pullback held.' };
const HEALTH_RATE = 200;
const TRADE_RATE = 500;

/** As many models as the slow one can have calls: none of the requests has the rules at once. */
const slowAt = (url: string): Readonly<Record<string, string>> => ({
  MCP2_MODELS: JSON.stringify({
    whisperer: { provider: 'openai', model: MODEL, url, apiKey: MODEL_KEY, concurrency: PENDING, timeoutMs: 60_000 },
  }),
  GUIDANCE_REUSE_SECONDS: '0',
});

const slowModel: Benchmark = {
  name: 'mcp2-slow-model',
  about: `${PENDING} requests of guidance pending on a model that takes ${MODEL_SECONDS} s, on Redis, Postgres and Kafka; meanwhile for 10 s /health at ${HEALTH_RATE} a second and trades at ${TRADE_RATE} a second, each from a process of its own`,
  aims: { '/health: p99 ms': { most: 50 } },
  runs: 1,
  async run(): Promise<Figures> {
    const model = await startModelServer(openaiForm);
    model.always({ does: 'answer', text: JSON.stringify(GUIDANCE), delayMs: MODEL_SECONDS * 1_000 });
    const rig = await real(slowAt(model.url));
    const end = new AbortController();
    try {
      const headers = { 'x-api-key': KEY };
      const { address } = rig.desk;
      const trade = {
        url: `${address}/log_enriched_trade`,
        connections: 8,
        headers,
        body: JSON.stringify(trendTrade()),
      };
      await load({ ...trade, seconds: 1 });
      const asking = Array.from({ length: PENDING }, () => askOn(rig.desk, end.signal));
      const [health, trades] = await Promise.all([
        load({ url: `${address}/health`, connections: 8, seconds: 10, rate: HEALTH_RATE, headers }),
        load({ ...trade, seconds: 10, rate: TRADE_RATE }),
      ]);
      end.abort();
      const answered = (await Promise.all(asking)).reduce((sum, count) => sum + count, 0);
      return {
        '/health: p50 ms': health.p50,
        '/health: p99 ms': health.p99,
        '/health: requests/s': health.perSecond,
        'POST /log_enriched_trade: p50 ms': trades.p50,
        'POST /log_enriched_trade: p99 ms': trades.p99,
        'POST /log_enriched_trade: requests/s': trades.perSecond,
        'pending on the model, most': model.peak(),
        'guidance answered': answered,
      };
    } finally {
      await rig.dispose();
      await model.dispose();
    }
  },
};

/** Asks for guidance one time after the other; resolves with how often it was answered. Rejects where it was not. */
async function askOn(desk: Mcp2Desk, signal: AbortSignal): Promise<number> {
  let answered = 0;
  while (!signal.aborted) {
    const { status } = await desk.post('/llm/whisperer', { payload: trendTrade() });
    if (status !== 200) throw new Error(`guidance answered ${status}`);
    answered += 1;
  }
  return answered;
}

const AIMS = {
  'POST /log_enriched_trade: requests/s': { least: 8_000 },
  'POST /log_enriched_trade: p99 ms': { most: 10 },
};

export const mcp2: readonly Benchmark[] = [
  throughput(
    'mcp2-real',
    real,
    'Redis (appendfsync everysec), Postgres and Kafka on the same machine, trades forwarded meanwhile',
    AIMS,
  ),
  throughput('mcp2-embedded', embedded, 'all engines embedded, in one process', {}),
  idle,
  slowModel,
];
