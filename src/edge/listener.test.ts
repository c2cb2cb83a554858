import { hash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { rawHttp } from '../../test/support/raw-http.ts';
import { recordingJournal } from '../../test/support/recording-journal.ts';
import { systemClock } from '../adapters/clock/system.ts';
import type { AuditEntry } from './audit.ts';
import { endpoint } from './endpoint.ts';
import { type ListenerNeeds, type ListenerOptions, listen, type Served } from './listener.ts';
import { requestSchemas } from './named-schemas.ts';

const [READER, WRITER] = ['a-key-that-may-read', 'a-key-that-may-write'];
const keys = [
  { name: 'reader', scopes: ['read'], sha256: hash('sha256', READER) },
  { name: 'writer', scopes: ['write'], sha256: hash('sha256', WRITER) },
] as const;

const position = z
  .object({ symbol: z.string(), lots: z.number().positive() })
  .register(requestSchemas, { id: 'Position' });

/** What a bot could serve: one path for everybody, one for who may write. */
const endpoints = [
  endpoint({
    method: 'GET',
    path: '/state',
    access: 'everybody',
    tag: 'Bot',
    summary: 'Whether it trades',
    limit: 'none',
    answers: { 200: { about: 'Its state' } },
    run: () => ({ trading: true }),
  }),
  endpoint({
    method: 'POST',
    path: '/positions/:id',
    access: 'write',
    tag: 'Bot',
    summary: 'Opens a position',
    params: z.object({ id: z.string() }),
    body: position,
    audit: 'position.open',
    answers: { 200: { about: 'The position' } },
    run({ params, body }, call) {
      if (params.id === 'broken') throw new Error('the broker key is 4711');
      call.about(params.id);
      return { id: params.id, ...body, by: call.caller.name };
    },
  }),
];

interface Changes {
  readonly served?: Partial<Served>;
  readonly needs?: Partial<ListenerNeeds>;
  readonly options?: Partial<ListenerOptions>;
}

async function bot({ served, needs, options }: Changes = {}) {
  const journal = recordingJournal();
  const server = await listen(
    { endpoints, api: null, ...served },
    { clock: systemClock(), journal, metrics: null, audit: null, limitLlm: null, ...needs },
    {
      name: 'bot',
      host: '127.0.0.1',
      port: 0,
      keys,
      publicUrl: null,
      allowedHosts: [],
      corsOrigins: [],
      settings: { host: '--bot-host (BOT_HOST)', port: '--bot-port (BOT_PORT)' },
      keysVariable: 'BOT_API_KEY',
      allowedHostsVariable: 'BOT_ALLOWED_HOSTS',
      corsOriginsVariable: 'BOT_CORS_ORIGINS',
      limits: { perMinute: 0, bodyBytes: 1_000, largeBodyBytes: 10_000, connections: 10 },
      ...options,
    },
  );
  onTestFinished(() => server.close());
  const ask = async (line: string, headers: Record<string, string> = {}, body?: unknown) => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await fetch(server.address + path, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
  };
  return { ...server, journal, ask };
}

const OPEN = 'POST /positions/eurusd-1';
const LONG = { symbol: 'EURUSD', lots: 0.5 };
const as = (key: string) => ({ 'x-api-key': key });

test('who holds the scope is answered; everybody may ask what is open to all', async () => {
  const { ask } = await bot();
  expect(await ask('GET /state')).toMatchObject({ status: 200, body: { trading: true } });
  const opened = { id: 'eurusd-1', symbol: 'EURUSD', lots: 0.5, by: 'writer' };
  expect(await ask(OPEN, as(WRITER), LONG)).toMatchObject({ status: 200, body: opened });
  expect(await ask(OPEN, { authorization: `Bearer ${WRITER}` }, LONG)).toMatchObject({ status: 200, body: opened });
});

test.each([
  ['no key', {}, 401, 'send an API key as "X-API-Key: <key>" or "Authorization: Bearer <key>"'],
  ['a wrong key', as('nobody'), 401, 'the API key is none of those that BOT_API_KEY of this server holds'],
  ['a key without the scope', as(READER), 403, 'the key "reader" lacks the scope "write"'],
  [
    'a page of another site',
    { ...as(WRITER), origin: 'https://evil.example' },
    403,
    'pages of "https://evil.example" may not call; see BOT_CORS_ORIGINS',
  ],
])('%s is refused in the words of the listener', async (_what, headers, status, detail) => {
  const { ask } = await bot();
  expect(await ask(OPEN, headers, LONG)).toMatchObject({ status, body: { detail } });
});

test('a name that is not its own is refused, unless any may be', async () => {
  const rebound = 'GET /state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n';
  const answer = async (allowedHosts: 'any' | readonly string[]) =>
    rawHttp((await bot({ options: { allowedHosts } })).address, rebound, 20_000);
  const detail = 'the host "evil.example" is not allowed; add it to BOT_ALLOWED_HOSTS';
  expect(await answer([])).toContain(JSON.stringify({ detail }));
  expect(await answer('any')).toContain('{"trading":true}');
});

test('each fault of a request is told with its place; a defect is told to the journal alone', async () => {
  const { ask, journal } = await bot();
  const { status, body } = await ask(OPEN, as(WRITER), { lots: -1 });
  expect(status).toBe(422);
  expect(body.detail.map(({ loc }: { loc: unknown }) => loc)).toEqual([
    ['body', 'symbol'],
    ['body', 'lots'],
  ]);
  expect(await ask(OPEN, as(WRITER), { ...LONG, symbol: 'E'.repeat(1_000) })).toMatchObject({ status: 413 });
  const broken = await ask('POST /positions/broken', as(WRITER), LONG);
  expect(broken).toMatchObject({ status: 500, body: { detail: 'internal error' } });
  expect(JSON.stringify(journal.events)).toContain('the broker key is 4711');
});

test('what is not there is told, with /docs where there is one', async () => {
  const { ask } = await bot();
  expect(await ask('GET /nowhere', as(READER))).toMatchObject({
    status: 404,
    body: { detail: 'there is no /nowhere' },
  });
  expect((await ask('GET /openapi.json', as(READER))).status).toBe(404);
  const wrong = await ask('DELETE /state', as(READER));
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')).toContain('GET');

  const api = { title: 'Pulse bot', about: 'Trades.', version: '1.2.3', tags: ['Bot'] };
  const described = await bot({ served: { api } });
  expect((await described.ask('GET /nowhere', as(READER))).body.detail).toContain('GET /docs');
  const { body } = await described.ask('GET /openapi.json', as(READER));
  expect(body).toMatchObject({ info: { title: 'Pulse bot', version: '1.2.3' }, tags: [{ name: 'Bot' }] });
  expect(Object.keys(body.components.schemas).sort()).toEqual(['Faults', 'Position', 'Problem']);
});

test('what leaves a trace is audited under its own name', async () => {
  const audited: AuditEntry[] = [];
  const { ask, close } = await bot({ needs: { audit: { write: (entry) => void audited.push(entry) } } });
  await ask(OPEN, as(WRITER), LONG);
  await ask('GET /state');
  await close();
  expect(audited).toMatchObject([{ action: 'position.open', by: 'writer', id: 'eurusd-1', status: 200 }]);
});

test('a caller is held to the rate', async () => {
  const limits = { perMinute: 1, bodyBytes: 1_000, largeBodyBytes: 10_000, connections: 10 };
  const { ask } = await bot({ options: { limits } });
  expect((await ask(OPEN, as(WRITER), LONG)).status).toBe(200);
  expect((await ask(OPEN, as(WRITER), LONG)).status).toBe(429);
  expect((await ask('GET /state')).status).toBe(200);
});

test('a port that is taken is told with the settings of the listener', async () => {
  const { address } = await bot();
  const port = Number(new URL(address).port);
  await expect(bot({ options: { port } })).rejects.toMatchObject({
    code: 'host.port-in-use',
    message: `port ${port} of 127.0.0.1 is in use; stop what listens there, or give another --bot-port (BOT_PORT)`,
  });
  await expect(bot({ options: { host: '192.0.2.1' } })).rejects.toMatchObject({
    code: 'host.address',
    message: expect.stringContaining('correct --bot-host (BOT_HOST) or --bot-port (BOT_PORT)'),
  });
});
