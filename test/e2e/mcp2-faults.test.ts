import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addressesOf, Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';

/** `pulse mcp2` beside a Redis and a Postgres of its own; nobody listens where Kafka should. */
async function beside(change: (dsn: string) => string = (dsn) => dsn, env: Readonly<Record<string, string>> = {}) {
  const [redis, postgres] = [await startRedis(), await startPostgres()];
  const folder = await mkdtemp(join(tmpdir(), 'pulse-mcp2-'));
  const service = new ServiceProcess(['mcp2'], {
    PULSE_DATA_DIR: folder,
    REDIS_URL: redis.url,
    PG_DSN: change(postgres.dsn),
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    ...env,
  });
  onTestFinished(async () => {
    await service.end('SIGKILL');
    await Promise.all([redis.dispose(), postgres.dispose(), rm(folder, { recursive: true, force: true })]);
  });
  const [address = ''] = await addressesOf(service, 1);
  return { redis, postgres, service, desk: new Mcp2Desk(address) };
}

await describeWith('beside servers', { engines: [redisAvailable, postgresAvailable] }, () => {
  test('a Postgres that refuses the password is named, and the password is not', async () => {
    const { desk, service } = await beside((dsn) => dsn.replace(/\/\/[^@/]*@/, '//nobody:hunter2-hunter2@'));
    const { status, body } = await desk.get('/search_docs?query=slippage');
    expect([status, body.detail]).toEqual([503, expect.stringMatching(/refused.*correct PG_DSN/)]);
    await vi.waitFor(async () => {
      const { database } = (await desk.get('/ready')).body.services;
      expect([database.ready, database.detail]).toEqual([false, expect.stringContaining('correct PG_DSN')]);
    }, 10_000);
    expect(await desk.post('/log_enriched_trade', trendTrade())).toMatchObject({ status: 200 });
    expect(JSON.stringify(body) + service.printed).not.toContain('hunter2');
  });

  test('a Redis that goes and comes back is worked with again, and what was acknowledged is there', async () => {
    const { desk, redis } = await beside();
    const key = { 'idempotency-key': 'order-1' };
    const { id } = (await desk.post('/log_enriched_trade', trendTrade(), key)).body;
    await redis.kill();
    expect(await desk.post('/log_enriched_trade', trendTrade(), { 'idempotency-key': 'order-2' })).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining('cannot reach Redis') },
    });
    await redis.start();
    expect((await desk.get(`/fetch_payload?id=${id}`)).body).toMatchObject({ id });
    expect((await desk.post('/log_enriched_trade', trendTrade(), key)).body).toEqual({ id });
    expect((await desk.post('/log_enriched_trade', trendTrade(), { 'idempotency-key': 'order-2' })).status).toBe(200);
    expect((await desk.get('/trades/recent')).body.trades).toHaveLength(2);
  });

  test('without keys, what an address asks of models over HTTP and over MCP is counted together', async () => {
    const { desk } = await beside(undefined, { MCP2_LLM_RATE_LIMIT_PER_MINUTE: '2' });
    const asked = { payload: trendTrade() };
    for (let i = 0; i < 2; i += 1) expect((await desk.post('/llm/simple', asked)).status).toBe(200);
    expect((await desk.post('/llm/simple', asked)).status).toBe(429);
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_guidance', arguments: asked },
    };
    const { body } = await desk.post('/mcp', message, { accept: 'application/json, text/event-stream' });
    expect(JSON.stringify(body)).toMatch(/more than 2 requests to models a minute/);
  });
});
