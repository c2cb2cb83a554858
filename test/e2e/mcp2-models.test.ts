import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbEntryStream } from '../../src/adapters/entry-stream/lmdb.ts';
import { type Answered, addressesOf, Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { anthropicForm } from '../support/model-server/anthropic.ts';
import {
  type Behaviour,
  KEY,
  MODEL,
  type ModelServer,
  startModelServer,
} from '../support/model-server/model-server.ts';
import { ollamaForm } from '../support/model-server/ollama.ts';
import { openaiForm } from '../support/model-server/openai.ts';
import { TOKENS, type WireForm } from '../support/model-server/wire-form.ts';
import { ServiceProcess } from '../support/service-process.ts';

const forms: Readonly<Record<string, WireForm>> = { openai: openaiForm, anthropic: anthropicForm, ollama: ollamaForm };
const providers = Object.keys(forms);
/** Numbers of the payload alone: other answers are not given. */
const ANSWER = {
  signal: 'RSI is 63.2 and ADX 27.5.',
  risk: 'Open risk is 0.8 %.',
  action: 'Take the trade.',
  journal: 'Pullback held.',
};
const says = (text: string, more: Partial<Extract<Behaviour, { does: 'answer' }>> = {}): Behaviour => ({
  does: 'answer',
  text,
  ...more,
});
const GOOD = says(JSON.stringify(ANSWER));
/** Dollars for a million tokens: a call of some thousand of each costs some dollars. */
const price = { input: 1_000, output: 1_000 };
const DAY_CAP = 12;

/** Of each provider, read whole and as a stream: one with time, and one that is given up soon; and those with caps. */
function registryAt(servers: Readonly<Record<string, ModelServer>>): Record<string, unknown> {
  const registry: Record<string, unknown> = {};
  const common = (provider: string) => ({ provider, model: MODEL, url: servers[provider]!.url, apiKey: KEY });
  for (const provider of providers)
    for (const [way, stream] of Object.entries({ whole: false, streamed: true })) {
      const model = { ...common(provider), stream, retries: 1, fallback: ['second'] };
      registry[`${provider}-${way}`] = { ...model, timeoutMs: 60_000 };
      registry[`${provider}-${way}-hurried`] = { ...model, timeoutMs: 400 };
    }
  const openai = { ...common('openai'), timeoutMs: 60_000, fallback: ['second'] };
  return {
    ...registry,
    'capped-input': { ...openai, maxInputTokens: 20 },
    'capped-output': { ...openai, maxOutputTokens: 64 },
    'capped-call': { ...openai, price, maxCostUsdPerCall: 0.5 },
    'capped-day': { ...openai, price, maxOutputTokens: 2_000, maxCostUsdPerDay: DAY_CAP },
    narrow: { ...openai, concurrency: 2, fallback: [] },
    second: { provider: 'openai', model: MODEL, url: servers.second!.url, apiKey: KEY, retries: 0 },
  };
}

let servers: Record<string, ModelServer>;
let folder: string;
let up: ServiceProcess;
let desk: Mcp2Desk;

async function start(): Promise<void> {
  up = new ServiceProcess(['up', '--feed', 'none'], {
    PULSE_DATA_DIR: folder,
    MCP2_PORT: '0',
    MCP2_RATE_LIMIT_PER_MINUTE: '0',
    MCP2_LLM_RATE_LIMIT_PER_MINUTE: '0',
    MCP2_MODELS: JSON.stringify(registryAt(servers)),
    GUIDANCE_REUSE_SECONDS: '0',
  });
  const [, address = ''] = await addressesOf(up, 2);
  desk = new Mcp2Desk(address);
  await vi.waitFor(async () => expect((await desk.get('/ready')).status).toBe(200), 30_000);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-models-'));
  const started = [...Object.entries(forms), ['second', openaiForm] as const].map(
    async ([name, form]) => [name, await startModelServer(form)] as const,
  );
  servers = Object.fromEntries(await Promise.all(started));
  await start();
  const streams = lmdbEntryStream({ path: join(folder, 'streams'), clock: systemClock() });
  await streams.append([{ stream: 'setups', fields: { payload: JSON.stringify(trendTrade()) } }]);
  await streams.close();
}, 120_000);
afterAll(async () => {
  await up?.end('SIGTERM');
  await Promise.all(Object.values(servers).map((server) => server.dispose()));
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  for (const server of Object.values(servers)) {
    server.script();
    server.always(GOOD);
    server.calls.splice(0);
  }
});

const ask = (model: string): Promise<Answered> => desk.post(`/llm/${model}/analyze`, { stream: 'setups' });
const others = ['/health', '/trades/recent'];

/** The other routes answer, whatever the models do. */
async function othersAnswer(): Promise<void> {
  for (const path of others) expect([path, (await desk.get(path)).status]).toEqual([path, 200]);
}

const byModel = (provider: string, fallbacks: readonly object[] = []) => ({
  status: 200,
  body: {
    ...ANSWER,
    // The payload holds no trade: what to do is for the rules to say.
    action: expect.stringMatching(/^Stand aside: .* Give the trade: /),
    meta: { provider, model: MODEL, stub: false, tokens: TOKENS, fallbacks },
  },
});

interface Failure {
  readonly what: string;
  readonly does: Behaviour;
  readonly code: string;
  readonly whole: RegExp;
  /** Where it is another. */
  readonly streamed?: { readonly code: string; readonly reason: RegExp; readonly calls: number };
  /** The first and the tries after it. */
  readonly calls: number;
}

const LONG_WAIT = { 'retry-after': '3600' };
const failures: readonly Failure[] = [
  {
    what: 'limits requests for longer than there is time',
    does: { does: 'status', status: 429, headers: LONG_WAIT },
    code: 'model.rate-limited',
    whole: /status 429, busy/,
    calls: 1,
  },
  { what: 'fails', does: { does: 'status', status: 500 }, code: 'model.unavailable', whole: /status 500/, calls: 2 },
  {
    what: 'sends something else than its API',
    does: { does: 'garbled' },
    code: 'model.answer',
    whole: /form of the API/,
    calls: 1,
  },
  { what: 'says no JSON', does: says('I would buy.'), code: 'model.answer', whole: /no JSON/, calls: 1 },
  {
    what: 'says another object',
    does: says('{"signal":"buy"}'),
    code: 'model.answer',
    whole: /not the four texts/,
    calls: 1,
  },
  {
    what: 'names a number that nobody gave it',
    does: says(JSON.stringify({ ...ANSWER, risk: 'Risk 7 %.' })),
    code: 'model.answer',
    whole: /number 7 % is not among the facts/,
    calls: 1,
  },
  {
    what: 'ends in the middle',
    does: { does: 'truncated' },
    code: 'model.answer',
    whole: /cut off/,
    calls: 1,
    streamed: { code: 'model.unavailable', reason: /stream ended/, calls: 2 },
  },
  {
    what: 'hangs up in the middle',
    does: { does: 'broken' },
    code: 'model.unavailable',
    whole: /broke off/,
    calls: 2,
  },
  {
    what: 'is cut off by its limit of tokens',
    does: says(JSON.stringify(ANSWER), { cut: true }),
    code: 'model.answer',
    whole: /limit of output tokens/,
    calls: 1,
  },
  {
    what: 'calls a tool',
    does: says(JSON.stringify(ANSWER), { tool: true }),
    code: 'model.answer',
    whole: /calls a tool/,
    calls: 1,
  },
  {
    what: 'calls a tool beside its answer',
    does: says(JSON.stringify(ANSWER), { tool: true, beside: true }),
    code: 'model.answer',
    whole: /calls a tool/,
    calls: 1,
  },
  {
    what: 'refuses the key, and quotes it',
    does: { does: 'status', status: 401, message: `wrong key ${KEY}` },
    code: 'model.refused',
    whole: /status 401/,
    calls: 1,
  },
  {
    what: 'fails after it has begun',
    does: { does: 'failing', at: 'half', message: 'Overloaded' },
    code: 'model.unavailable',
    whole: /Overloaded/,
    calls: 2,
  },
];

describe.each(
  providers.flatMap((provider) => ['whole', 'streamed'].map((way) => ({ provider, way }))),
)('$provider, $way', ({ provider, way }) => {
  const name = `${provider}-${way}`;
  const server = () => servers[provider]!;

  test('answers', async () => {
    expect(await ask(name)).toMatchObject(byModel(provider));
    expect(server().calls).toHaveLength(1);
    expect(server().calls[0]!.stream ?? false).toBe(way === 'streamed');
    // Four texts and some thinking.
    expect(JSON.stringify(server().calls[0])).toContain('4000');
  });

  test.each(failures)('the next answers where it $what, and the rules where that fails too', async (failure) => {
    const { code, whole, calls } = failure;
    const expected =
      way === 'streamed' && failure.streamed !== undefined ? failure.streamed : { code, reason: whole, calls };
    const told = { model: name, code: expected.code, reason: expect.stringMatching(expected.reason) };
    server().always(failure.does);
    const next = await ask(name);
    expect(next).toMatchObject(byModel('openai', [told]));
    expect(server().calls).toHaveLength(expected.calls);
    expect(servers.second!.calls).toHaveLength(1);
    servers.second!.always({ does: 'status', status: 503, html: true });
    const rules = await ask(name);
    const second = { model: 'second', code: 'model.unavailable', reason: expect.stringContaining('503') };
    expect(rules).toMatchObject({
      status: 200,
      body: { meta: { provider: 'rules', stub: true, fallbacks: [told, second] } },
    });
    expect(JSON.stringify([next.body, rules.body])).not.toContain(KEY);
    await othersAnswer();
  });

  test('is left alone as long as it wants, and then answers', async () => {
    server().script({ does: 'status', status: 429, headers: { 'retry-after-ms': '900' } });
    expect(await ask(name)).toMatchObject(byModel(provider));
    expect(server().calls).toHaveLength(2);
  });

  test.each(['silent', 'stuck', 'slow'] as const)('the next answers where it is %s', async (does) => {
    server().always(does === 'slow' ? says(JSON.stringify(ANSWER), { delayMs: 5_000 }) : { does });
    const told = { model: `${name}-hurried`, code: 'model.timeout', reason: expect.stringContaining('400 ms') };
    expect(await ask(`${name}-hurried`)).toMatchObject(byModel('openai', [told]));
    expect(server().calls).toHaveLength(1);
    await othersAnswer();
  });
});

describe('caps', () => {
  test.each`
    model             | reason
    ${'capped-input'} | ${/some \d+ input tokens are more than 20/}
    ${'capped-call'}  | ${/the call could cost \$\d.*, and may cost \$0\.5/}
  `('$model is not asked for what goes over its cap', async ({ model, reason }) => {
    const told = { model, code: 'model.capped', reason: expect.stringMatching(reason) };
    expect(await ask(model)).toMatchObject(byModel('openai', [told]));
    expect(servers.openai!.calls).toEqual([]);
    expect(servers.second!.calls).toHaveLength(1);
  });

  test('of output no more is asked for than the cap', async () => {
    expect(await ask('capped-output')).toMatchObject(byModel('openai'));
    expect(servers.openai!.calls[0]).toMatchObject({ max_tokens: 64 });
  });

  test('what is spent on a day holds at once, and over a restart of the process', async () => {
    // What breaks off counts with the most that it can cost: some dollars each.
    servers.openai!.always({ does: 'page' });
    await Promise.all(Array.from({ length: 12 }, () => ask('capped-day')));
    const asked = servers.openai!.calls.length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(DAY_CAP / (price.output * 0.002));
    const over = {
      model: 'capped-day',
      code: 'model.capped',
      reason: expect.stringMatching(/over \$12 today \(spent: \$\d/),
    };
    expect(await ask('capped-day')).toMatchObject(byModel('openai', [over]));
    await up.end('SIGKILL');
    await start();
    expect(await ask('capped-day')).toMatchObject(byModel('openai', [over]));
    expect(servers.openai!.calls).toHaveLength(asked);
  }, 120_000);
});

test('of 200 requests at once two are with a slow model, eight wait, the rest have the rules, and other routes answer', async () => {
  const open = Promise.withResolvers<void>();
  servers.openai!.always(says(JSON.stringify(ANSWER), { until: open.promise }));
  const answers: Answered[] = [];
  const all = Array.from({ length: 200 }, async () => void answers.push(await ask('narrow')));
  await vi.waitFor(
    async () => {
      await othersAnswer();
      expect((await desk.post('/log_enriched_trade', trendTrade())).status).toBe(200);
      expect(answers).toHaveLength(190);
    },
    { timeout: 40_000, interval: 100 },
  );
  const busy = { model: 'narrow', code: 'model.unavailable', reason: expect.stringContaining('busy') };
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 200, body: { meta: { provider: 'rules', stub: true, fallbacks: [busy] } } });
  expect(servers.openai!.calls).toHaveLength(2);
  open.resolve();
  await Promise.all(all);
  for (const answer of answers.slice(190)) expect(answer).toMatchObject(byModel('openai'));
  expect(servers.openai!.calls).toHaveLength(10);
  expect(servers.openai!.peak()).toBe(2);
}, 60_000);

test('the models are listed with what can be reached', async () => {
  servers.ollama!.always({ does: 'status', status: 503 });
  const { models } = (await desk.get('/llm/models')).body;
  const of = (name: string) => models.find((model: { name: string }) => model.name === name);
  expect(of('openai-whole')).toEqual({
    name: 'openai-whole',
    provider: 'openai',
    model: MODEL,
    reachable: true,
    detail: null,
  });
  expect(of('ollama-whole')).toMatchObject({ reachable: false, detail: expect.stringContaining('status 503') });
  expect(JSON.stringify(models)).not.toContain(KEY);
});
