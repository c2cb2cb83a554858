import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { apiKeys } from '../../src/app/config/api-keys.ts';
import { PulseError } from '../../src/domain/errors.ts';
import type { ApiKey } from '../../src/services/mcp2/http/auth.ts';
import { type ApiDescription, Described } from '../support/api-description.ts';
import { type Edge, startEdge } from '../support/mcp2-edge.ts';
import { memoryParts } from '../support/memory-parts.ts';
import { rawHttp } from '../support/raw-http.ts';
import { steppingClock } from '../support/stepping-clock.ts';

const KEYS = {
  all: 'a-key-that-may-do-all',
  reader: 'a-key-that-may-read',
  writer: 'a-key-that-may-write',
  asker: 'a-key-that-may-ask-models',
};
const keys: readonly ApiKey[] = apiKeys.read(
  `${KEYS.all},reader:read:${KEYS.reader},writer:write:${KEYS.writer},asker:llm:${KEYS.asker}`,
)!;

const payload = {
  strategy: 'breakout',
  timestamp: '2026-03-02T08:15:00Z',
  market: { symbol: 'EURUSD', timeframe: '5m' },
};

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function send(edge: Edge, line: string, { headers = {}, body }: Sent = {}) {
  const [method = '', path = ''] = line.split(' ');
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(edge.address + path, {
    method,
    headers: { ...json, ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  return {
    status: answer.status,
    headers: answer.headers,
    type,
    body: type.includes('json') && text !== '' ? JSON.parse(text) : text,
  };
}

async function started(...changes: Parameters<typeof startEdge>): Promise<Edge> {
  const edge = await startEdge(...changes);
  onTestFinished(() => edge.close());
  return edge;
}

/** Every route with a request that it answers well, and the scope that it asks for. */
const ROUTES: readonly (readonly [line: string, access: string, body?: unknown])[] = [
  ['POST /log_enriched_trade', 'write', payload],
  ['GET /fetch_payload?id=trade-1', 'read'],
  ['GET /trades/recent', 'read'],
  ['GET /search_docs?query=slippage', 'read'],
  ['POST /documents', 'write', { content: '# Slippage', id: 'doc' }],
  ['GET /documents', 'read'],
  ['GET /documents/doc', 'read'],
  ['DELETE /documents/doc', 'write'],
  ['POST /llm/whisperer', 'llm', { payload }],
  ['POST /llm/simple', 'llm', { payload, questions: ['Is it late?'], notes: 'none' }],
  ['POST /llm/rules/analyze', 'llm', { stream: 'setups' }],
  ['GET /llm/models', 'llm'],
  ['GET /streams/v2:ticks:l1?count=1&reverse=1&before_id=5-0', 'read'],
  ['GET /streams/tick/EURUSD', 'read'],
  ['GET /streams/bar/1m/EURUSD', 'read'],
  ['GET /bars/EURUSD?count=1', 'read'],
  ['GET /parity', 'read'],
  ['GET /analysis/EURUSD', 'read'],
  ['GET /ready', 'any'],
  ['GET /metrics', 'any'],
  ['GET /openapi.json', 'any'],
  ['GET /docs/', 'any'],
];
/** The parts in memory have no analysis. */
const wellAnswered = (line: string): number =>
  line.includes('/analysis/') ? 404 : line.startsWith('DELETE') ? 204 : 200;

describe('the edge of mcp2', () => {
  let edge: Edge;
  let described: Described;
  beforeAll(async () => {
    edge = await startEdge();
    const { body } = await send(edge, 'GET /openapi.json');
    described = new Described(body as ApiDescription);
  });
  afterAll(() => edge.close());

  /** Sends, and holds the answer against the description. */
  async function checked(line: string, sent?: Sent) {
    const answer = await send(edge, line, sent);
    const [method = '', path = ''] = line.split(' ');
    expect(described.faultsOf(method, path.split('?')[0]!, answer.status, answer.type, answer.body)).toEqual([]);
    return answer;
  }

  test('answers every route as its description says', async () => {
    for (const [line, , body] of ROUTES) {
      if (/openapi|docs\//.test(line)) continue;
      expect([line, (await checked(line, { body })).status]).toEqual([line, wellAnswered(line)]);
    }
  });

  test('describes itself: every route, with examples that fit', async () => {
    const { body } = await send(edge, 'GET /openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(described.examples()).toEqual([]);
    const lines = Object.entries((body as ApiDescription).paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { summary, tags, responses }]) => {
        expect([path, summary, tags?.length, responses['500']]).toEqual([
          path,
          expect.stringMatching(/\S/),
          1,
          expect.anything(),
        ]);
        return `${method.toUpperCase()} ${path}`;
      }),
    );
    expect(lines).toHaveLength(21);
  });

  test.each`
    line                                     | body                                         | status | detail
    ${'GET /nothing'}                        | ${undefined}                                 | ${404} | ${'there is no /nothing'}
    ${'GET /fetch_payload?id=none'}          | ${undefined}                                 | ${404} | ${'no trade payload "none"'}
    ${'GET /trades/recent?before=none'}      | ${undefined}                                 | ${404} | ${'"none"'}
    ${'GET /documents/none'}                 | ${undefined}                                 | ${404} | ${'no document "none"'}
    ${'DELETE /documents/none'}              | ${undefined}                                 | ${404} | ${'no document "none"'}
    ${'GET /bars/NOPE'}                      | ${undefined}                                 | ${404} | ${'EURUSD'}
    ${'POST /llm/nobody/analyze'}            | ${{ stream: 'setups' }}                      | ${404} | ${'configured are: rules'}
    ${'POST /llm/rules/analyze'}             | ${{ stream: 'empty' }}                       | ${404} | ${'is empty'}
    ${'POST /llm/rules/analyze'}             | ${{ stream: 'bare' }}                        | ${400} | ${'holds no payload'}
    ${'PUT /documents'}                      | ${{}}                                        | ${405} | ${'allowed are GET, HEAD, POST'}
    ${'DELETE /trades/recent'}               | ${undefined}                                 | ${405} | ${'allowed are GET, HEAD, OPTIONS'}
    ${'POST /log_enriched_trade'}            | ${'{"strategy":'}                            | ${400} | ${'the body is no JSON'}
    ${'POST /log_enriched_trade'}            | ${'{"__proto__":{"a":1}}'}                   | ${400} | ${'the body is no JSON'}
    ${'GET /documents/%zz'}                  | ${undefined}                                 | ${400} | ${'malformed %-encoding'}
    ${`GET /documents/${'x'.repeat(3_001)}`} | ${undefined}                                 | ${414} | ${'too long'}
    ${'POST /log_enriched_trade'}            | ${{ ...payload, more: 'x'.repeat(1 << 20) }} | ${413} | ${'too large'}
  `('$status for $line', async ({ line, body, status, detail }) => {
    const answer = await send(edge, line, { body });
    expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(detail) } });
    expect(Object.keys(answer.body)).toEqual(['detail']);
  });

  test.each`
    line                                    | body                                                    | loc
    ${'GET /fetch_payload'}                 | ${undefined}                                            | ${'query.id'}
    ${'GET /fetch_payload?id=a&id=b'}       | ${undefined}                                            | ${'query.id'}
    ${'GET /fetch_payload?id=%00'}          | ${undefined}                                            | ${'query.id'}
    ${'GET /trades/recent?limit=0'}         | ${undefined}                                            | ${'query.limit'}
    ${'GET /trades/recent?limit=501'}       | ${undefined}                                            | ${'query.limit'}
    ${'GET /trades/recent?limit='}          | ${undefined}                                            | ${'query.limit'}
    ${'GET /trades/recent?limit=0x10'}      | ${undefined}                                            | ${'query.limit'}
    ${'GET /streams/a%00b'}                 | ${undefined}                                            | ${'path.stream'}
    ${'GET /streams/ticks?reverse=perhaps'} | ${undefined}                                            | ${'query.reverse'}
    ${'GET /streams/ticks?before_id=-1'}    | ${undefined}                                            | ${'query.before_id'}
    ${'GET /streams/bar/2m/EURUSD'}         | ${undefined}                                            | ${'path.timeframe'}
    ${'GET /bars/EUR%2FUSD'}                | ${undefined}                                            | ${'path.symbol'}
    ${'GET /analysis/EURUSD?timeframe=2m'}  | ${undefined}                                            | ${'query.timeframe'}
    ${'POST /documents'}                    | ${{ content: ' ' }}                                     | ${'body.content'}
    ${'POST /documents'}                    | ${{ content: 'x', url: 'javascript:alert(1)' }}         | ${'body.url'}
    ${'POST /documents'}                    | ${{ content: 'a\0b' }}                                  | ${'body.content'}
    ${'POST /documents'}                    | ${'[]'}                                                 | ${'body'}
    ${'POST /documents'}                    | ${'{"content":"x","more":{"a":"\\ud800"}}'}             | ${'body.more.a'}
    ${'POST /log_enriched_trade'}           | ${`{"a":${'['.repeat(70)}${']'.repeat(70)}}`}           | ${`body.a${'.0'.repeat(63)}`}
    ${'POST /log_enriched_trade'}           | ${'{"a":1e999}'}                                        | ${'body.a'}
    ${'POST /log_enriched_trade'}           | ${{ payload: { ...payload, strategy: '' } }}            | ${'body.payload.strategy'}
    ${'POST /llm/simple'}                   | ${{}}                                                   | ${'body.payload'}
    ${'POST /llm/simple'}                   | ${{ payload: { ...payload, market: { symbol: 'X' } } }} | ${'body.payload.market.timeframe'}
  `('422 for $line, at $loc', async ({ line, body, loc }) => {
    const answer = await checked(line, { body });
    expect(answer.status).toBe(422);
    expect(answer.body.detail.map((fault: { loc: string[] }) => fault.loc.join('.'))).toContain(loc);
  });

  test('every fault of a request is told at once', async () => {
    const { body } = await send(edge, 'POST /log_enriched_trade', {
      headers: { 'idempotency-key': 'with spaces' },
      body: { market: { symbol: 3 } },
    });
    expect(body.detail).toEqual([
      { loc: ['header', 'idempotency-key'], msg: expect.any(String), type: expect.any(String) },
    ]);
    const faults = (await send(edge, 'POST /log_enriched_trade', { body: { market: { symbol: 3 } } })).body.detail;
    expect(faults).toEqual(
      expect.arrayContaining([
        { loc: ['body', 'strategy'], msg: 'Field required', type: 'missing' },
        { loc: ['body', 'timestamp'], msg: 'Field required', type: 'missing' },
        { loc: ['body', 'market', 'symbol'], msg: expect.stringContaining('expected string'), type: 'invalid_type' },
      ]),
    );
  });

  test('a payload may be the body or stand in it, and one that has a field "payload" is taken as it is', async () => {
    for (const body of [payload, { payload }, { ...payload, payload: { own: 1 } }]) {
      const { id } = (await checked('POST /log_enriched_trade', { body })).body;
      const stored = (await send(edge, `GET /fetch_payload?id=${id}`)).body.payload;
      expect(stored).toMatchObject('strategy' in body ? body : payload);
    }
  });

  test('a repeat under the same Idempotency-Key is told, and another payload under it refused', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = await checked('POST /log_enriched_trade', { headers, body: payload });
    const again = await checked('POST /log_enriched_trade', { headers, body: payload });
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect(again.body).toEqual(first.body);
    const other = await checked('POST /log_enriched_trade', { headers, body: { ...payload, strategy: 'x' } });
    expect([other.status, other.headers.get('x-pulse-error')]).toEqual([409, 'trade.idempotency']);
  });

  test('pages of trades follow one another to the end', async () => {
    const ids: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await send(edge, `GET /trades/recent?limit=2${next === '' ? '' : `&before=${next}`}`);
      ids.push(...body.trades.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    expect(ids.at(-1)).toBe('trade-1');
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('only JSON is taken', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await send(edge, 'POST /documents', { headers: { 'content-type': type }, body: 'content=x' });
      expect([type, answer.status]).toEqual([type, 415]);
    }
  });

  test('HEAD answers as GET without a body, OPTIONS names the methods', async () => {
    expect(await send(edge, 'HEAD /trades/recent')).toMatchObject({
      status: 200,
      type: expect.stringContaining('json'),
    });
    const options = await send(edge, 'OPTIONS /documents/doc');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, DELETE, OPTIONS']);
    expect((await send(edge, 'OPTIONS /nothing')).status).toBe(404);
  });

  test('nothing tells what runs here, and nothing may be framed or guessed', async () => {
    const { headers } = await send(edge, 'GET /health');
    expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test('requests are counted by the pattern of their route, refusals by their reason', async () => {
    await send(edge, 'GET /documents/one-of-many');
    await send(edge, 'GET /one-of-many');
    const text = await edge.metrics();
    expect(text).toMatch(/mcp2_requests_total\{method="GET",route="\/documents\/:id",status="404"\} \d/);
    expect(text).toMatch(/mcp2_requests_total\{method="GET",route="none",status="404"\} \d/);
    expect(text).toMatch(/mcp2_request_latency_seconds_bucket\{[^}]*route="\/log_enriched_trade"/);
    expect(text).toMatch(/mcp2_rejected_total\{reason="input"\} \d/);
    expect(text).not.toContain('one-of-many');
    await vi.waitFor(async () => expect(await edge.metrics()).toMatch(/mcp2_requests_in_flight 0/));
  });

  test.each`
    ugly                                                                                                                                            | status
    ${'\x00\x01\x02\r\n\r\n'}                                                                                                                       | ${'400'}
    ${'GET / HTTP/9.9\r\n\r\n'}                                                                                                                     | ${'400'}
    ${'GET /health HTTP/1.1\r\n\r\n'}                                                                                                               | ${'400'}
    ${'GET /health HTTP/1.1\r\nHost: a b\r\n\r\n'}                                                                                                  | ${'400'}
    ${`GET /health HTTP/1.1\r\nHost: localhost\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`}                                                           | ${'431'}
    ${`GET /health?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`}                                                                      | ${'431'}
    ${'GET /trades/recent?limit=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n'}                                                                           | ${'422'}
    ${'GET /trades/recent?__proto__=1&constructor=2 HTTP/1.1\r\nHost: localhost\r\n\r\n'}                                                           | ${'200'}
    ${'GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n'}                                                                                    | ${'404'}
    ${'GET /documents/..%2f..%2fetc HTTP/1.1\r\nHost: localhost\r\n\r\n'}                                                                           | ${'404'}
    ${'PROPFIND /documents HTTP/1.1\r\nHost: localhost\r\n\r\n'}                                                                                    | ${'405'}
    ${'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}'} | ${'400'}
    ${'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n{}'}                              | ${'400'}
    ${'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n'}                                 | ${'400'}
    ${'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: ;;;\r\nContent-Length: 2\r\n\r\n{}'}                                            | ${'415'}
    ${'POST /documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"\xff"'}                           | ${'422'}
  `('$status for the raw request $ugly', async ({ ugly, status }) => {
    const answer = await rawHttp(edge.address, Buffer.from(ugly, 'latin1'));
    expect(answer.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (status !== '200') expect(answer).toMatch(/\r\n\r\n\{"detail":/);
  });

  test('none of that was a defect', () => expect(edge.journal.codes()).toEqual([]));
});

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
    await edge.parts.trades.log(
      { ...payload, features: { indicators: {} }, risk: {}, positions: { open: 0, closed: 0 } },
      { name: '', scopes: [] },
      null,
    );
    await edge.parts.documents.add({ id: 'doc', content: 'x', format: 'text' }, { name: '', scopes: [] });
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
    ...memoryParts(),
    trades: { ...memoryParts().trades, recent: () => Promise.reject(error) },
  });

  test('a defect is answered without a word of it, and journaled with its stack', async () => {
    const edge = await started({ needs: { parts: failing(new TypeError('x is not a function of secret')) } });
    expect(await send(edge, 'GET /trades/recent')).toMatchObject({ status: 500, body: { detail: 'internal error' } });
    expect(edge.journal.events).toMatchObject([
      { code: 'request.failed', data: { stack: expect.stringContaining('x is not a function of secret') } },
    ]);
  });

  test('an engine that is away is a 503 to try again', async () => {
    const error = new PulseError('redis.unavailable', { url: 'redis://redis:6379', reason: 'refused' });
    const edge = await started({ needs: { parts: failing(error) } });
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

  test('a model is no longer asked once the client is gone', async () => {
    const parts = memoryParts();
    const asked = Promise.withResolvers<AbortSignal>();
    const waiting = {
      ...parts,
      guidance: {
        ...parts.guidance,
        models: (signal: AbortSignal) => (asked.resolve(signal), Promise.withResolvers<never>().promise),
      },
    };
    const edge = await started({ needs: { parts: waiting } });
    const client = new AbortController();
    const answer = fetch(`${edge.address}/llm/models`, { signal: client.signal });
    const signal = await asked.promise;
    client.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => expect(signal.aborted).toBe(true));
  });

  test('a request under way ends before the server does', async () => {
    const parts = memoryParts();
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = {
      ...parts,
      trades: { ...parts.trades, recent: () => (begun.resolve(), held.promise.then(() => [])) },
    };
    const edge = await startEdge({ needs: { parts: slow } });
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
    await expect(startEdge({ options: { port } })).rejects.toMatchObject({ code: 'host.port-in-use' });
  });
});
