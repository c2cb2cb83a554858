import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PulseError } from '../../src/domain/errors/errors.ts';
import { KEYS, keys, payload, ROUTES, send, started, wellAnswered } from '../support/edge-requests.ts';
import { trendTrade } from '../support/mcp2-desk.ts';
import { type Edge, startEdge } from '../support/mcp2-edge.ts';
import { memoryDesk } from '../support/memory-desk.ts';
import { rawHttp } from '../support/raw-http.ts';
import { steppingClock } from '../support/stepping-clock.ts';

describe('keys and scopes', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await startEdge({ options: { keys } });
  });
  afterAll(() => edge.close());

  test('health alone is open, and tells strangers no more than that', async () => {
    expect((await send(edge, 'GET /health')).body).toEqual({ status: 'ok' });
    for (const [line, , body] of ROUTES) {
      const answer = await send(edge, line, { body });
      const scheme = /docs\/|openapi/.test(line) ? 'Basic' : 'Bearer';
      expect([line, answer.status, answer.headers.get('www-authenticate')]).toEqual([
        line,
        401,
        expect.stringContaining(scheme),
      ]);
    }
    for (const line of ['GET /nothing', 'PUT /documents', 'OPTIONS /documents'])
      expect([line, (await send(edge, line)).status]).toEqual([line, 401]);
  });

  test.each(
    Object.entries({ all: 'read write llm', reader: 'read', writer: 'write', asker: 'llm' }),
  )('the key "%s" may do what asks for: %s', async (who, scopes) => {
    const headers = { 'x-api-key': KEYS[who as keyof typeof KEYS] };
    // Something for each route to find.
    await edge.desk.trades.log(
      { ...payload, features: { indicators: {} }, risk: {}, positions: { open: 0, closed: 0 } },
      { name: '', scopes: [] },
      null,
    );
    await edge.desk.documents.add({ id: 'doc', content: 'x', format: 'text' }, { name: '', scopes: [] });
    for (const [line, access, body] of ROUTES) {
      const { status, body: answer } = await send(edge, line, { headers, body });
      const allowed = access === 'any' || scopes.includes(access);
      expect([line, status]).toEqual([line, allowed ? wellAnswered(line) : 403]);
      if (!allowed) expect(answer.detail).toContain(`lacks the scope "${access}"`);
    }
  });

  test.each`
    headers                                                                             | status
    ${{ 'x-api-key': KEYS.all }}                                                        | ${200}
    ${{ authorization: `Bearer ${KEYS.all}` }}                                          | ${200}
    ${{ authorization: `bearer  ${KEYS.all}` }}                                         | ${200}
    ${{ 'x-api-key': `${KEYS.all}x` }}                                                  | ${401}
    ${{ 'x-api-key': '' }}                                                              | ${401}
    ${{ 'x-api-key': KEYS.all.toUpperCase() }}                                          | ${401}
    ${{ authorization: KEYS.all }}                                                      | ${401}
    ${{ authorization: `Basic ${btoa(`any:${KEYS.all}`)}` }}                            | ${401}
    ${{ 'x-api-key': 'wrong-key-of-some-length', authorization: `Bearer ${KEYS.all}` }} | ${401}
  `('$status with $headers', async ({ headers, status }) => {
    expect((await send(edge, 'GET /trades/recent', { headers })).status).toBe(status);
  });

  test('who sends a wrong key is told so, and who sends none how to send one', async () => {
    const wrong = await send(edge, 'GET /trades/recent', { headers: { 'x-api-key': 'wrong-key-of-some-length' } });
    expect(wrong.body.detail).toBe('the API key is none of those that MCP2_API_KEY of this server holds');
    expect((await send(edge, 'GET /trades/recent')).body.detail).toMatch(/^send an API key/);
  });

  test('a browser may give the key as a password, for the reference alone', async () => {
    const headers = { authorization: `Basic ${btoa(`any:${KEYS.reader}`)}` };
    for (const line of ['GET /docs/', 'GET /docs/js/scalar.js', 'GET /openapi.json'])
      expect([line, (await send(edge, line, { headers })).status]).toEqual([line, 200]);
    expect((await send(edge, 'GET /docs/')).headers.get('www-authenticate')).toContain('Basic');
  });

  test('writes are audited with who, what, and how it ended; reads are not', async () => {
    const { audited } = edge;
    (audited as unknown[]).length = 0;
    const headers = { 'x-api-key': KEYS.writer };
    const { id } = (await send(edge, 'POST /log_enriched_trade', { headers, body: payload })).body;
    await send(edge, 'POST /log_enriched_trade', { headers, body: {} });
    await send(edge, 'DELETE /documents/gone', { headers });
    await send(edge, 'POST /documents', { body: { content: 'x' } });
    await send(edge, 'POST /llm/simple', { headers: { 'x-api-key': KEYS.reader }, body: { payload } });
    await send(edge, 'GET /trades/recent', { headers: { 'x-api-key': KEYS.reader } });
    await vi.waitFor(() => expect(audited).toHaveLength(5));
    const from = '127.0.0.1';
    expect(audited).toEqual([
      { action: 'trade.log', by: 'writer', id, status: 200, from },
      { action: 'trade.log', by: 'writer', id: null, status: 422, from },
      { action: 'document.remove', by: 'writer', id: 'gone', status: 404, from },
      { action: 'document.add', by: null, id: null, status: 401, from },
      { action: 'llm.simple', by: 'reader', id: null, status: 403, from },
    ]);
  });
});

describe('hosts and origins', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await startEdge({
      options: {
        allowedHosts: ['mcp2.desk.example'],
        publicUrl: 'https://public.example/api',
        corsOrigins: ['https://desk.example'],
      },
      needs: { mounts: [async (app) => void app.get('/mounted', async ({ caller }) => caller)] },
    });
  });
  afterAll(() => edge.close());

  test.each`
    host                        | status
    ${'localhost'}              | ${200}
    ${'LOCALHOST:80'}           | ${200}
    ${'127.0.0.1:8002'}         | ${200}
    ${'[::1]:8002'}             | ${200}
    ${'192.168.1.7'}            | ${200}
    ${'mcp2.desk.example'}      | ${200}
    ${'public.example'}         | ${200}
    ${'evil.example'}           | ${403}
    ${'localhost.evil.example'} | ${403}
    ${'evil.example:8002'}      | ${403}
    ${'localhost@evil.example'} | ${400}
    ${''}                       | ${400}
  `('$status for the host "$host"', async ({ host, status }) => {
    const answer = await rawHttp(edge.address, `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
  });

  test.each`
    line                          | origin                    | status
    ${'GET /parity'}              | ${'https://evil.example'} | ${200}
    ${'POST /log_enriched_trade'} | ${'https://evil.example'} | ${403}
    ${'POST /log_enriched_trade'} | ${'null'}                 | ${403}
    ${'POST /log_enriched_trade'} | ${'https://desk.example'} | ${200}
    ${'DELETE /documents/x'}      | ${'https://evil.example'} | ${403}
    ${'GET /mounted'}             | ${'https://evil.example'} | ${403}
    ${'GET /mounted'}             | ${'https://desk.example'} | ${200}
    ${'GET /mounted'}             | ${undefined}              | ${200}
  `('$status for $line by a page of $origin', async ({ line, origin, status }) => {
    const body = line.startsWith('POST') ? payload : undefined;
    const answer = await send(edge, line, { headers: origin === undefined ? {} : { origin }, body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin === 'https://desk.example' ? origin : null);
  });

  test('its own pages may call', async () => {
    const answer = await send(edge, 'POST /log_enriched_trade', { headers: { origin: edge.address }, body: payload });
    expect(answer.status).toBe(200);
  });

  test('a preflight is answered for allowed origins, without a key', async () => {
    const locked = await started({ options: { keys, corsOrigins: ['https://desk.example'] } });
    const preflight = (origin: string) =>
      send(locked, 'OPTIONS /documents', { headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight('https://desk.example');
    expect([allowed.status, allowed.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('x-api-key'),
    ]);
    expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  test('what is mounted finds who calls', async () => {
    expect((await send(edge, 'GET /mounted')).body).toMatchObject({ name: 'anonymous' });
    expect((await send(edge, 'POST /mounted', { body: {} })).status).toBe(405);
  });
});

describe('limits', () => {
  test('a caller has so many requests a minute, and as many to models as are meant for these', async () => {
    const clock = steppingClock(0);
    const edge = await started({ options: { keys }, limits: { perMinute: 6, llmPerMinute: 2 }, needs: { clock } });
    const asker = { 'x-api-key': KEYS.asker };
    const statuses = async (line: string, times: number, headers: Record<string, string>) => {
      const found: number[] = [];
      for (let i = 0; i < times; i += 1) found.push((await send(edge, line, { headers })).status);
      return found;
    };
    expect(await statuses('GET /llm/models', 3, asker)).toEqual([200, 200, 429]);
    expect(await statuses('GET /trades/recent', 7, { 'x-api-key': KEYS.reader })).toEqual([
      200, 200, 200, 200, 200, 200, 429,
    ]);
    const limited = await send(edge, 'GET /trades/recent', { headers: { 'x-api-key': KEYS.reader } });
    expect(limited.headers.get('retry-after')).toBe('10');
    expect(limited.body.detail).toContain('more than 6 requests a minute');
    // Others, and who only looks whether it lives, are not held up.
    expect(await statuses('GET /trades/recent', 1, { 'x-api-key': KEYS.all })).toEqual([200]);
    expect(await statuses('GET /health', 8, {})).toEqual(Array(8).fill(200));
    // Guessing keys is held up by address.
    expect(await statuses('GET /trades/recent', 7, { 'x-api-key': 'a-guess-of-some-length' })).toEqual([
      401, 401, 401, 401, 401, 401, 429,
    ]);
    clock.advance(10_000);
    expect(await statuses('GET /trades/recent', 2, { 'x-api-key': KEYS.reader })).toEqual([200, 429]);
  });
});

describe('trouble behind the edge', () => {
  const failing = (error: unknown) => ({
    ...memoryDesk(),
    trades: { ...memoryDesk().trades, recent: () => Promise.reject(error) },
  });

  test('a defect is answered without a word of it, and journaled with its stack', async () => {
    const edge = await started({ needs: { desk: failing(new TypeError('x is not a function of secret')) } });
    expect(await send(edge, 'GET /trades/recent')).toMatchObject({ status: 500, body: { detail: 'internal error' } });
    expect(edge.journal.events).toMatchObject([
      { code: 'request.failed', data: { stack: expect.stringContaining('x is not a function of secret') } },
    ]);
  });

  test('an engine that is away is a 503 to try again', async () => {
    const error = new PulseError('redis.unavailable', { url: 'redis://redis:6379', reason: 'refused' });
    const edge = await started({ needs: { desk: failing(error) } });
    const answer = await send(edge, 'GET /trades/recent');
    expect([answer.status, answer.headers.get('x-pulse-error'), answer.headers.get('retry-after')]).toEqual([
      503,
      'redis.unavailable',
      '1',
    ]);
    expect(edge.journal.codes()).toEqual([]);
  });

  test('readiness is 503 while one part is not ready', async () => {
    const redis = { ready: false, state: 'waiting', detail: 'does not answer', figures: {} };
    const edge = await started({ services: { redis } });
    expect(await send(edge, 'GET /ready')).toMatchObject({
      status: 503,
      body: { ready: false, services: { redis: { ready: false, detail: 'does not answer' } } },
    });
  });

  test('a model is no longer asked once the client is gone, and that is no fault', async () => {
    const desk = memoryDesk();
    const asked = Promise.withResolvers<AbortSignal>();
    const waiting = {
      ...desk,
      guidance: {
        ...desk.guidance,
        models(signal: AbortSignal) {
          asked.resolve(signal);
          return new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          });
        },
      },
    };
    const edge = await started({ needs: { desk: waiting } });
    const client = new AbortController();
    const answer = fetch(`${edge.address}/llm/models`, { signal: client.signal });
    const signal = await asked.promise;
    client.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => expect(signal.aborted).toBe(true));
    await vi.waitFor(async () =>
      expect(await edge.metrics()).toMatch(/mcp2_requests_total\{[^}]*route="\/llm\/models"[^}]*status="499"/),
    );
    expect(edge.journal.codes()).toEqual([]);
  });

  test('a trade is audited and counted though its sender went away before the answer', async () => {
    const desk = memoryDesk();
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = {
      ...desk,
      trades: {
        ...desk.trades,
        log: () => (begun.resolve(), held.promise.then(() => ({ id: 't1', repeated: false }))),
      },
    };
    const edge = await started({ needs: { desk: slow } });
    const client = new AbortController();
    const sent = fetch(`${edge.address}/log_enriched_trade`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(trendTrade()),
      signal: client.signal,
    });
    await begun.promise;
    client.abort();
    await expect(sent).rejects.toThrow();
    // The server has seen it go by then.
    await send(edge, 'GET /health');
    held.resolve();
    await vi.waitFor(() =>
      expect(edge.audited).toEqual([
        { action: 'trade.log', by: 'anonymous', id: 't1', status: 200, from: '127.0.0.1' },
      ]),
    );
    expect(await edge.metrics()).toContain('mcp2_requests_in_flight 0');
  });

  test('a request under way ends before the server does', async () => {
    const desk = memoryDesk();
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = {
      ...desk,
      trades: { ...desk.trades, recent: () => (begun.resolve(), held.promise.then(() => [])) },
    };
    const edge = await startEdge({ needs: { desk: slow } });
    const answer = send(edge, 'GET /trades/recent');
    await begun.promise;
    const closed = edge.close();
    held.resolve();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test('a port that is taken is told', async () => {
    const edge = await started();
    const port = Number(new URL(edge.address).port);
    await expect(startEdge({ options: { port } })).rejects.toMatchObject({
      code: 'host.port-in-use',
      message: `port ${port} of 127.0.0.1 is in use; stop what listens there, or give another --mcp2-port (MCP2_PORT)`,
    });
  });
});
