import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { embeddedMcp2, KEYS, type Mcp2Engines, MINUTES, realMcp2, START, writeTape } from '../support/mcp2-engines.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable } from '../support/postgres-server.ts';
import { readPartition } from '../support/read-partition.ts';
import { redisAvailable } from '../support/redis-server.ts';

const clock = systemClock();

const textsOf = async ({ log, topic }: Mcp2Engines): Promise<string[]> => {
  const found: string[] = [];
  for (const { partition, earliest } of await log.ranges([topic]))
    for (const { value } of await readPartition(log, topic, partition, earliest, 1_000)) found.push(String(value));
  return found;
};

function routes(start: () => Promise<Mcp2Engines>): void {
  let engines: Mcp2Engines;
  let desk: Mcp2Desk;
  beforeAll(async () => {
    engines = await start();
    desk = new Mcp2Desk(engines.address, KEYS.desk);
    await writeTape(engines.streams);
    await vi.waitFor(async () => expect((await desk.get('/ready')).status).toBe(200), 120_000);
  }, 240_000);
  afterAll(() => engines.dispose());

  test('health is open to all; the rest is for those with a key, as far as its scopes go', async () => {
    const stranger = new Mcp2Desk(engines.address);
    const reader = new Mcp2Desk(engines.address, KEYS.reader);
    expect(await stranger.get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    for (const path of ['/ready', '/metrics', '/trades/recent', '/docs', '/openapi.json'])
      expect([path, (await stranger.get(path)).status]).toEqual([path, 401]);
    expect((await reader.get('/trades/recent')).status).toBe(200);
    expect(await reader.post('/log_enriched_trade', trendTrade())).toMatchObject({ status: 403 });
    expect(await reader.post('/llm/simple', { payload: trendTrade() })).toMatchObject({ status: 403 });
  });

  test('readiness tells each engine', async () => {
    const { services } = (await desk.get('/ready')).body;
    for (const engine of ['redis', 'kafka', 'database']) expect(services[engine]).toMatchObject({ ready: true });
  });

  test('a trade is stored, given back, listed, not doubled by a repeat, and reaches the log', async () => {
    const key = { 'idempotency-key': `order-${clock.now()}` };
    const first = await desk.post('/log_enriched_trade', trendTrade(), key);
    expect(first.status).toBe(200);
    const { id } = first.body;
    expect((await desk.post('/log_enriched_trade', trendTrade(), key)).body).toEqual({ id });
    const other = await desk.post('/log_enriched_trade', trendTrade({ strategy: 'another' }), key);
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringContaining('Idempotency-Key') } });
    const second = (await desk.post('/log_enriched_trade', trendTrade({ strategy: 'second' }))).body.id;
    expect((await desk.get(`/fetch_payload?id=${id}`)).body).toMatchObject({ id, payload: trendTrade() });
    expect(await desk.get('/fetch_payload?id=nothing')).toMatchObject({ status: 404 });
    const page = (await desk.get('/trades/recent?limit=1')).body;
    expect(page.trades.map((trade: { id: string }) => trade.id)).toEqual([second]);
    const next = (await desk.get(`/trades/recent?limit=1&before=${second}`)).body;
    expect(next.trades.map((trade: { id: string }) => trade.id)).toEqual([id]);
    await vi.waitFor(
      async () => {
        const texts = await textsOf(engines);
        for (const each of [id, second]) expect(texts.filter((text) => text.includes(each))).toHaveLength(1);
      },
      { timeout: 30_000 },
    );
  });

  test('a payload that is none is refused with every fault', async () => {
    const { status, body } = await desk.post('/log_enriched_trade', { market: { symbol: 3 }, features: {} });
    expect(status).toBe(422);
    const places = body.detail.map(({ loc }: { loc: string[] }) => loc.join('.'));
    expect(places).toEqual(expect.arrayContaining(['body.strategy', 'body.timestamp', 'body.market.symbol']));
    expect(await desk.post('/log_enriched_trade', '{"strategy":')).toMatchObject({ status: 400 });
    expect(await desk.get('/trades/recent?limit=501')).toMatchObject({ status: 422 });
  });

  test('a document is indexed, found by its words and by a misspelled one, read and removed', async () => {
    const content = '# Slippage\n\nThe fill came two ticks worse than the quote.\n\n## Remedies\n\nUse a limit order.';
    const added = await desk.post('/documents', { content, format: 'markdown', url: 'https://desk.example/slippage' });
    expect(added.body).toMatchObject({ change: 'added' });
    const { id } = added.body;
    expect(
      (await desk.post('/documents', { content, format: 'markdown', url: 'https://desk.example/slippage' })).body,
    ).toMatchObject({ id, change: 'unchanged' });
    for (const query of ['worse fill', 'slipage', '"limit order"', 'slippage -margin']) {
      const { results } = (await desk.get(`/search_docs?query=${encodeURIComponent(query)}`)).body;
      expect([query, results[0]]).toMatchObject([
        query,
        { id, title: 'Slippage', content: expect.stringMatching(/\S/) },
      ]);
    }
    expect((await desk.get('/search_docs?query=slippage%20-limit')).body.results).toEqual([]);
    expect((await desk.get(`/documents/${id}`)).body).toMatchObject({ id, content });
    expect((await desk.delete(`/documents/${id}`)).status).toBeLessThan(300);
    expect((await desk.get(`/documents/${id}`)).status).toBe(404);
    expect((await desk.get('/search_docs?query=slippage')).body.results).toEqual([]);
  });

  test('guidance answers from the payload, whisperer as simple with nudges besides', async () => {
    const [simple, whisperer] = await Promise.all(
      ['simple', 'whisperer'].map((name) =>
        desk.post(`/llm/${name}`, { payload: trendTrade(), questions: ['Is risk within limits?'] }),
      ),
    );
    expect(simple).toMatchObject({
      status: 200,
      body: {
        signal: expect.any(String),
        risk: expect.any(String),
        action: expect.any(String),
        journal: expect.any(String),
        meta: { endpoint: 'simple', provider: 'rules', stub: true, nudges: [] },
      },
    });
    expect(whisperer!.body.meta).toMatchObject({ endpoint: 'whisperer', prompt_hash: simple!.body.meta.prompt_hash });
    expect((await desk.get('/llm/models')).body.models).toEqual(expect.any(Array));
  });

  test('risk is told in the money of the account, at the rate of the tape before the trade', async () => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const bar = (before: number, close: string) => ({
      stream: 'stream:bar:1m:USDJPY',
      fields: {
        ts: String(minute / 1_000 - before * 60),
        ...{ open: '144', high: '145', low: '143', close, volume: '6', n: '6' },
      },
    });
    await engines.streams.append([bar(4, '144'), bar(3, '145')]);
    const trade = { side: 'long', entry: '144', stop: 143.28, size: '72000', size_unit: 'units' };
    const payload = trendTrade({
      timestamp: new Date(minute - 3 * 60_000).toISOString(),
      market: { symbol: 'USDJPY', timeframe: '1m' },
      trade,
      account: { equity: 100_000, currency: 'USD' },
    });
    const { body } = await desk.post('/llm/simple', { payload });
    // 0.72 × 72,000 = 51,840 JPY; 51,840 / 144 = 360 USD; 360 / 100,000 = 0.36 %. The close of 145 is from after the trade.
    const asOf = new Date(minute - 3 * 60_000).toISOString().slice(0, 16).replace('T', ' ');
    expect(body.risk).toContain('The trade risks 0.36 % of a limit of 1 %.');
    expect(body.risk).toContain(
      `is 51840 JPY, which at 0.00694444444444 (USDJPY inverted, as of ${asOf} UTC) is 360 USD`,
    );
    const other = await desk.post('/llm/simple', {
      payload: { ...payload, account: { equity: 1e5, currency: 'NOK' } },
    });
    expect(other.body.risk).toContain('Prices are in JPY and the account is in NOK: a rate between them is missing');
    expect(other.body.action).toMatch(/^(?:Wait: something|Stand aside)/);
  });

  test('the newest entry of a stream is analysed', async () => {
    const answer = await desk.post('/llm/rules/analyze', { stream: 'setups' });
    expect(answer).toMatchObject({ status: 200, body: { meta: { endpoint: 'analyze' } } });
    expect(await desk.post('/llm/nobody/analyze', { stream: 'setups' })).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('configured are') },
    });
    expect((await desk.post('/llm/rules/analyze', { stream: 'nothing' })).status).toBe(404);
    expect((await desk.post('/llm/rules/analyze', { stream: 'setups:bare' })).status).toBe(400);
  });

  test('streams, bars, parity and analyses are served', async () => {
    const newest = (await desk.get('/streams/v2:ticks:l1?count=2')).body.entries;
    expect(newest).toHaveLength(2);
    const before = (await desk.get(`/streams/v2:ticks:l1?count=1&before_id=${newest[1].id}`)).body.entries;
    expect(JSON.parse(before[0].fields.j).ts).toBe(START + (MINUTES * 6 - 3) * 10);
    expect((await desk.get('/streams/tick/EURUSD')).body.entries).toHaveLength(1);
    expect((await desk.get('/streams/bar/1m/EURUSD?count=3&reverse=true')).body.entries).toHaveLength(3);
    const { bars, source } = (await desk.get('/bars/EURUSD?count=5')).body;
    expect([source, bars.length, bars.at(-1).ts]).toEqual(['redis', 5, START + (MINUTES - 1) * 60]);
    expect((await desk.get('/bars/NOPE')).status).toBe(404);
    expect((await desk.get('/parity')).body).toMatchObject({
      gate: {},
      barSource: { source: 'redis' },
      sessions: expect.any(Array),
    });
    const analysis = await vi.waitFor(async () => {
      const answer = await desk.get('/analysis/EURUSD?timeframe=1m');
      expect(answer.status).toBe(200);
      return answer.body;
    }, 30_000);
    expect(analysis).toMatchObject({ symbol: 'EURUSD', timeframe: '1m' });
    expect((await desk.get('/analysis/NOPE')).status).toBe(404);
  });

  test('documents are listed newest first, in pages, without their content', async () => {
    const add = async (id: string) => (await desk.post('/documents', { id, content: `Of ${id}`, format: 'text' })).body;
    for (const id of ['list-a', 'list-b', 'list-c']) expect(await add(id)).toMatchObject({ id, change: 'added' });
    const ids = async (query: string) =>
      (await desk.get(`/documents?${query}`)).body.documents.map(({ id }: { id: string }) => id);
    expect([await ids('limit=2'), await ids('limit=1&offset=2')]).toEqual([['list-c', 'list-b'], ['list-a']]);
    const { documents } = (await desk.get('/documents?limit=1')).body;
    expect(documents[0]).toMatchObject({ title: 'Of list-c', format: 'text' });
    expect(documents[0]).not.toHaveProperty('content');
    for (const id of ['list-a', 'list-b', 'list-c']) expect((await desk.delete(`/documents/${id}`)).status).toBe(204);
    expect((await desk.delete('/documents/list-a')).status).toBe(404);
  });

  test('pages of trades and of entries follow one another to the end, and no cursor is made up', async () => {
    const logged: string[] = [];
    for (let i = 0; i < 5; i += 1) logged.unshift((await desk.post('/log_enriched_trade', trendTrade({ i }))).body.id);
    const seen: string[] = [];
    for (let before = ''; seen.length < 5; before = `&before=${seen.at(-1)}`)
      seen.push(...(await desk.get(`/trades/recent?limit=2${before}`)).body.trades.map(({ id }: { id: string }) => id));
    expect(seen.slice(0, 5)).toEqual(logged);
    expect((await desk.get('/trades/recent?before=made-up')).status).toBe(404);
    const entries: { id: string; fields: { j: string } }[] = [];
    for (let more = ''; ; more = `&before_id=${entries.at(-1)!.id}`) {
      const page = (await desk.get(`/streams/v2:ticks:l1?count=30${more}`)).body.entries;
      if (page.length === 0) break;
      entries.push(...page);
    }
    expect(entries.map(({ fields }) => JSON.parse(fields.j).ts)).toEqual(
      Array.from({ length: MINUTES * 6 }, (_, i) => START + (MINUTES * 6 - 1 - i) * 10),
    );
    expect((await desk.get('/streams/v2:ticks:l1?before_id=made-up')).status).toBe(422);
  });

  test('what is not there is told as such', async () => {
    for (const path of ['/streams/nothing', '/streams/tick/NOPE', '/streams/bar/4h/NOPE'])
      expect([path, (await desk.get(path)).body.entries]).toEqual([path, []]);
    expect((await desk.get('/streams/bar/2m/EURUSD')).status).toBe(422);
    expect((await desk.get('/analysis/EURUSD?timeframe=2m')).status).toBe(422);
    // Twelve minutes of ticks close two bars of five minutes, and none of four hours.
    await vi.waitFor(
      async () => expect((await desk.get('/analysis/EURUSD?timeframe=5m')).body).toMatchObject({ timeframe: '5m' }),
      30_000,
    );
    expect(await desk.get('/analysis/EURUSD?timeframe=4h')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('EURUSD 1m') },
    });
    expect((await desk.get('/parity?symbol=NOPE')).body).toMatchObject({ sessions: [] });
    expect((await desk.get('/nothing')).status).toBe(404);
  });

  test('HEAD answers as GET without a body, and other methods are refused with those that are allowed', async () => {
    const send = (method: string, path: string) =>
      fetch(`${engines.address}${path}`, { method, headers: { 'x-api-key': KEYS.desk } });
    for (const path of [
      '/health',
      '/ready',
      '/metrics',
      '/trades/recent',
      '/bars/EURUSD',
      '/documents',
      '/openapi.json',
    ]) {
      const answer = await send('HEAD', path);
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, '']);
    }
    expect((await send('HEAD', '/bars/NOPE')).status).toBe(404);
    for (const [method, path, allowed] of [
      ['PUT', '/documents', 'GET, HEAD, POST'],
      ['POST', '/bars/EURUSD', 'GET, HEAD'],
      ['GET', '/llm/simple', 'POST'],
      ['PATCH', '/log_enriched_trade', 'POST'],
    ] as const) {
      const answer = await send(method, path);
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([
        method,
        path,
        405,
        expect.stringContaining(allowed),
      ]);
    }
  });

  test('the API describes itself, and counts its requests', async () => {
    const { body } = await desk.get('/openapi.json');
    expect(body.openapi).toMatch(/^3\.1/);
    expect((await desk.get('/docs')).body).toContain('<html');
    const metrics = (await desk.get('/metrics')).body;
    expect(metrics).toMatch(/mcp2_requests_total\{[^}]*route="\/log_enriched_trade"[^}]*status="200"[^}]*\} \d/);
    expect(metrics).toContain('mcp2_request_latency_seconds_bucket');
  });
}

describe('mcp2 on embedded engines', () => routes(embeddedMcp2));

await describeWith(
  'mcp2 on Redis, Postgres and Kafka',
  { engines: [redisAvailable, postgresAvailable, kafkaAvailable] },
  () => routes(realMcp2),
);
