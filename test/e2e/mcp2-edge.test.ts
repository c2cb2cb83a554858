import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fieldsRead } from '../../src/domain/guidance/fields-read.ts';
import { type ApiDescription, Described } from '../support/api-description.ts';
import { payload, ROUTES, type Sent, send, wellAnswered } from '../support/edge-requests.ts';
import { type Edge, startEdge } from '../support/mcp2-edge.ts';
import { rawHttp } from '../support/raw-http.ts';

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

  test('a DELETE that names a type of body and has none is one without a body; a POST must have one', async () => {
    await send(edge, 'POST /documents', { body: { id: 'gone', content: 'x' } });
    const headers = { 'content-type': 'application/json' };
    expect((await checked('DELETE /documents/gone', { headers })).status).toBe(204);
    expect(await checked('POST /log_enriched_trade', { headers })).toMatchObject({
      status: 400,
      body: { detail: 'the body is empty; send JSON' },
    });
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
    expect(JSON.stringify(body)).toContain(JSON.stringify(fieldsRead));
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
    ${'POST /log_enriched_trade'}            | ${{ ...payload, more: 'x'.repeat(1 << 20) }} | ${413} | ${'more than 1048576 bytes'}
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
    ${'POST /documents'}                    | ${{ content: 'x', id: 'x'.repeat(129) }}                | ${'body.id'}
    ${'POST /documents'}                    | ${{ content: 'x', id: '..' }}                           | ${'body.id'}
    ${'POST /documents'}                    | ${'[]'}                                                 | ${'body'}
    ${'POST /documents'}                    | ${'{"content":"x","more":{"a":"\\ud800"}}'}             | ${'body.more.a'}
    ${'POST /log_enriched_trade'}           | ${`{"a":${'['.repeat(70)}${']'.repeat(70)}}`}           | ${`body.a${'.0'.repeat(63)}`}
    ${'POST /log_enriched_trade'}           | ${'{"a":1e999}'}                                        | ${'body.a'}
    ${'POST /log_enriched_trade'}           | ${{ payload: { ...payload, strategy: '' } }}            | ${'body.payload.strategy'}
    ${'POST /llm/simple'}                   | ${{ payload: { ...payload, timestamp: 1.5e308 } }}      | ${'body.payload.timestamp'}
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
    const whole = await send(edge, `GET /trades/recent?limit=${ids.length + 1}`);
    expect([whole.body.trades.length, whole.body.next]).toEqual([ids.length, null]);
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
