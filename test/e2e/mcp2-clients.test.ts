import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { connectOptions, type Revision, revisions } from '../support/mcp-desk.ts';
import { Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { embeddedMcp2, KEYS, type Mcp2Engines, realMcp2, START, writeTape } from '../support/mcp2-engines.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable } from '../support/postgres-server.ts';
import { redisAvailable } from '../support/redis-server.ts';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));
const OLD: Revision = '2025-11-25';

interface Result {
  readonly isError?: boolean;
  readonly content: { type: string; text: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly structuredContent: any;
  readonly _meta?: Record<string, unknown>;
}
const call = async (client: Client, name: string, args: Record<string, unknown> = {}): Promise<Result> =>
  (await client.callTool({ name, arguments: args })) as unknown as Result;

/** Calls every tool, reads every kind of resource and asks for both prompts, by what `writeTape` put there. */
async function useAll(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  const used = new Set<string>();
  const answer = async (name: string, args: Record<string, unknown> = {}) => {
    used.add(name);
    const { isError, content, structuredContent } = await call(client, name, args);
    expect([name, isError ?? false, content[0]!.text]).toEqual([name, false, JSON.stringify(structuredContent)]);
    return structuredContent;
  };
  const { id } = await answer('log_enriched_trade', { payload: trendTrade() });
  expect(await answer('fetch_payload', { id })).toMatchObject({ id, payload: trendTrade() });
  expect((await answer('recent_trades', { limit: 1 })).trades).toMatchObject([{ id }]);
  const { results } = await answer('search', { query: 'slippage' });
  expect(results).toEqual([{ id: 'guide', title: 'Slippage', url: 'https://desk.example/slippage' }]);
  expect((await answer('fetch', { id: 'guide' })).text).toContain('two ticks worse');
  expect(await answer('search_docs', { query: 'slipage' })).toMatchObject({ corrected: 'slippage', total: 1 });
  const { bars, source } = await answer('get_bars', { symbol: 'EURUSD', count: 3 });
  expect([source, bars.length]).toEqual(['redis', 3]);
  expect(await answer('get_analysis', { symbol: 'EURUSD' })).toMatchObject({ symbol: 'EURUSD', timeframe: '1m' });
  expect(await answer('get_parity')).toMatchObject({ barSource: { source: 'redis' } });
  const { entries } = await answer('get_stream_entries', { stream: 'v2:ticks:l1', count: 2 });
  expect(entries).toHaveLength(2);
  const [older] = (await answer('get_stream_entries', { stream: 'v2:ticks:l1', count: 1, before_id: entries[1].id }))
    .entries;
  expect(JSON.parse(older.fields.j).ts).toBeLessThan(JSON.parse(entries[1].fields.j).ts);
  for (const asked of [{ payload: trendTrade() }, { trade_id: id }, { stream: 'setups', model: 'rules' }])
    expect((await answer('get_guidance', asked)).meta).toMatchObject({ provider: 'rules', stub: true });
  expect(used).toEqual(new Set(tools.map(({ name }) => name)));

  const uris = (await client.listResources()).resources.map(({ uri }) => uri);
  expect(uris).toEqual(expect.arrayContaining(['pulse://documents/guide', `pulse://trades/${id}`]));
  const read = async (uri: string) => (await client.readResource({ uri })).contents[0] as { text: string };
  expect((await read('pulse://documents/guide')).text).toContain('two ticks worse');
  expect(JSON.parse((await read(`pulse://trades/${id}`)).text)).toMatchObject({ id, payload: trendTrade() });
  expect(JSON.parse((await read('pulse://bars/EURUSD')).text).bars[0].ts).toBe(START);
  const complete = (uri: string, name: string, value: string) =>
    client.complete({ ref: { type: 'ref/resource', uri }, argument: { name, value } });
  expect((await complete('pulse://bars/{symbol}', 'symbol', 'eur')).completion.values).toEqual(['EURUSD']);
  for (const [name, asked] of [
    ['review-trade', { trade_id: id }],
    ['guidance', { trade_id: id, symbol: 'EURUSD', question: 'Too late?' }],
  ] as const) {
    const { messages } = await client.getPrompt({ name, arguments: asked });
    expect((messages[0]!.content as { text: string }).text).toContain('trend-follower');
  }
}

function clients(start: () => Promise<Mcp2Engines>): void {
  let engines: Mcp2Engines;
  let folder: string;
  const open: Client[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pulse-client-'));
    engines = await start();
    const desk = new Mcp2Desk(engines.address, KEYS.desk);
    await writeTape(engines.streams);
    await vi.waitFor(async () => expect((await desk.get('/ready')).status).toBe(200), 30_000);
    await desk.post('/documents', {
      id: 'guide',
      content: '# Slippage\n\nThe fill came two ticks worse than the quote.',
      url: 'https://desk.example/slippage',
    });
    await vi.waitFor(async () => expect((await desk.get('/analysis/EURUSD')).status).toBe(200), 30_000);
  }, 240_000);
  afterAll(async () => {
    await Promise.all(open.map((client) => client.close()));
    await engines.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function overHttp(revision: Revision, key: string): Promise<Client> {
    const client = new Client({ name: 'test', version: '1' }, connectOptions(revision));
    const requestInit = { headers: { authorization: `Bearer ${key}` } };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', engines.address), { requestInit }));
    open.push(client);
    return client;
  }
  async function overStdio(env: Readonly<Record<string, string>>): Promise<Client> {
    const client = new Client({ name: 'desktop', version: '1' }, connectOptions(OLD));
    const all = { PATH: process.env.PATH ?? '', ...env };
    await client.connect(
      new StdioClientTransport({ command: process.execPath, args: [MAIN, 'mcp'], env: all, cwd: folder }),
    );
    open.push(client);
    return client;
  }

  test.each(Object.keys(revisions) as Revision[])('a client of %s uses everything over HTTP', async (revision) => {
    await useAll(await overHttp(revision, KEYS.desk));
  });

  test('a desktop client uses everything through what runs, which it finds or is told of', async () => {
    const found = engines.startAnother === null;
    const where = found ? { PULSE_DATA_DIR: engines.env.PULSE_DATA_DIR! } : { MCP2_URL: engines.address };
    await useAll(await overStdio({ ...where, MCP2_CLIENT_KEY: KEYS.desk }));
  });

  test('a desktop client uses everything on the engines that it is told of', async ({ skip }) => {
    skip(engines.startAnother === null, 'embedded engines belong to one process');
    const client = await overStdio({ ...engines.env, PULSE_DATA_DIR: join(folder, 'own') });
    await useAll(client);
  });

  test('a key has over MCP what it has over HTTP', async () => {
    const reader = await overHttp(OLD, KEYS.reader);
    expect((await reader.listTools()).tools).toHaveLength(9);
    expect(await call(reader, 'log_enriched_trade', { payload: trendTrade() })).toMatchObject({ isError: true });
    await expect(overHttp(OLD, 'a-key-that-nobody-has')).rejects.toThrow();
    await expect(reader.subscribeResource({ uri: 'pulse://documents/guide' })).rejects.toThrow();
  });

  test.each(
    Object.entries({ NUL: 'a\0b', 'half a pair': 'a\ud800b', 'many words': 'word '.repeat(190), quotes: '"\'\\%_' }),
  )('text that engines do not take is an answer, not a defect: %s', async (_, odd) => {
    const client = await overHttp(OLD, KEYS.desk);
    for (const [name, args] of [
      ['search', { query: odd }],
      ['search_docs', { query: odd }],
      ['fetch', { id: odd }],
      ['fetch_payload', { id: odd.slice(0, 50) }],
      ['recent_trades', { before: odd.slice(0, 50) }],
      ['get_bars', { symbol: odd }],
      ['get_analysis', { symbol: odd }],
      ['get_parity', { symbol: odd }],
      ['get_stream_entries', { stream: odd.slice(0, 50) }],
      ['get_stream_entries', { stream: 'v2:ticks:l1', before_id: odd.slice(0, 50) }],
      ['log_enriched_trade', { payload: trendTrade({ note: odd, [odd]: 1 }) }],
      ['log_enriched_trade', { payload: trendTrade(), idempotency_key: odd.slice(0, 50) }],
      ['get_guidance', { payload: trendTrade({ note: odd }), notes: odd, questions: [odd] }],
      ['get_guidance', { stream: odd.slice(0, 50) }],
      ['get_guidance', { stream: 'setups', model: odd.slice(0, 50) }],
    ] as const) {
      const { isError, content, _meta } = await call(client, name, args);
      expect([name, args, isError === true && /unexpected|internal/.test(content[0]!.text), content[0]!.text]).toEqual([
        name,
        args,
        false,
        expect.any(String),
      ]);
      expect(_meta?.['pulse/error'] ?? {}).not.toMatchObject({ status: 500 });
    }
    for (const uri of ['documents', 'trades', 'bars'])
      await client.readResource({ uri: `pulse://${uri}/a%00b` }).catch((error: Error) => {
        expect(error.message).not.toMatch(/internal|unexpected/i);
      });
  });
}

describe('AI clients of mcp2 on embedded engines', () => clients(embeddedMcp2));

await describeWith(
  'AI clients of mcp2 on Redis, Postgres and Kafka',
  { engines: [redisAvailable, postgresAvailable, kafkaAvailable] },
  () => clients(realMcp2),
);
