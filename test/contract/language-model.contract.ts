import { inspect } from 'node:util';
import { expect } from 'vitest';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { LanguageModel, ModelRequest } from '../../src/ports/language-model.ts';
import { ANSWER, type Behaviour, KEY, MODEL, type ModelServer } from '../support/model-server/model-server.ts';
import { TOKENS } from '../support/model-server/wire-form.ts';
import { type Case, contract } from './contract.ts';

/** A model, and the provider behind it. */
export interface Desk {
  readonly server: ModelServer;
  model(options: { readonly stream: boolean; readonly apiKey?: string; readonly model?: string }): LanguageModel;
}

export const request: ModelRequest = {
  system: 'You judge a trade.',
  prompt: 'The trade: EURUSD, long.',
  schema: {
    type: 'object',
    properties: { signal: { type: 'string' }, risk: { type: 'string' } },
    required: ['signal', 'risk'],
    additionalProperties: false,
  },
  maxOutputTokens: 256,
};

const never = new AbortController().signal;

/** The error of `work`; whatever is in it must not tell the key. */
async function errorOf(work: Promise<unknown>): Promise<PulseError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PulseError)) throw new Error(`no PulseError, but ${inspect(error)}`);
  expect(inspect(error, { depth: 9 })).not.toContain(KEY);
  return error;
}

/** Once read whole, and once as a stream. */
const bothWays = (promise: string, prove: (desk: Desk, stream: boolean) => Promise<void>): Case<Desk>[] =>
  [false, true].map((stream) => [`${promise}, ${stream ? 'streamed' : 'whole'}`, (desk) => prove(desk, stream)]);

/** What the provider does, and what the call then rejects with. */
const refuses = (what: string, behaviour: Behaviour, expected: object): Case<Desk>[] =>
  bothWays(`rejects where ${what}`, async ({ server, model }, stream) => {
    server.script(behaviour);
    expect(await errorOf(model({ stream }).generate(request, never))).toMatchObject(expected);
    expect(server.calls).toHaveLength(1);
  });

const answer = (reason: RegExp) => ({ code: 'model.answer', message: expect.stringMatching(reason) });
const unavailable = (reason: RegExp) => ({ code: 'model.unavailable', message: expect.stringMatching(reason) });

export const languageModelContract = contract<Desk>('language-model', [
  ...bothWays('resolves with the object, the tokens and the name of the model', async ({ model }, stream) => {
    expect(await model({ stream }).generate(request, never)).toEqual({ object: ANSWER, tokens: TOKENS, model: MODEL });
  }),
  ...bothWays('sends what is asked and nothing that could act', async ({ server, model }, stream) => {
    await model({ stream }).generate(request, never);
    const sent = JSON.stringify(server.calls);
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]!.stream ?? false).toBe(stream);
    for (const part of ['You judge a trade.', 'The trade: EURUSD, long.', '"risk"', '256'])
      expect(sent).toContain(part);
    expect(sent).not.toContain('tool');
  }),
  ...bothWays('waits for a slow answer', async ({ server, model }, stream) => {
    server.script({ does: 'answer', delayMs: 300 });
    expect((await model({ stream }).generate(request, never)).object).toEqual(ANSWER);
  }),
  ...refuses(
    'there are too many requests, with the wait in seconds',
    { does: 'status', status: 429, headers: { 'retry-after': '7' } },
    { code: 'model.rate-limited', retry: true, evidence: { retryAfterMs: 7_000 } },
  ),
  ...refuses(
    'there are too many requests, with the wait in milliseconds',
    { does: 'status', status: 429, headers: { 'retry-after-ms': '250' } },
    { code: 'model.rate-limited', evidence: { retryAfterMs: 250 } },
  ),
  ...refuses(
    'there are too many requests, with a moment that has passed',
    { does: 'status', status: 429, headers: { 'retry-after': 'Wed, 01 Jul 2020 12:00:00 GMT' } },
    { code: 'model.rate-limited', evidence: { retryAfterMs: 0 } },
  ),
  ...refuses('the provider fails', { does: 'status', status: 500 }, unavailable(/status 500, busy/)),
  ...refuses('a page says that it is unavailable', { does: 'status', status: 503, html: true }, unavailable(/503$/)),
  ...refuses(
    'the request is bad',
    { does: 'status', status: 400, message: 'schema too deep' },
    { code: 'model.refused', retry: false, message: expect.stringMatching(/status 400, schema too deep/) },
  ),
  ...refuses(
    'it is sent elsewhere',
    { does: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    { code: 'model.refused' },
  ),
  ...refuses('a page comes in place of an answer', { does: 'page' }, answer(/text\/html/)),
  ...refuses('the answer is not of the API', { does: 'garbled' }, answer(/form of the API/)),
  ...refuses('the text is no JSON', { does: 'answer', text: 'I would buy.' }, answer(/no JSON/)),
  ...refuses('the text is JSON, but no object', { does: 'answer', text: '[1]' }, answer(/no JSON object/)),
  ...refuses('the text was cut off', { does: 'answer', text: '{"signal": "lo', cut: true }, answer(/cut off/)),
  ...refuses('a tool is called', { does: 'answer', tool: true }, answer(/tool/)),
  ...refuses('a tool is called beside the answer', { does: 'answer', tool: true, beside: true }, answer(/tool/)),
  ...refuses(
    'the answer is huge',
    { does: 'answer', text: JSON.stringify({ signal: 'x'.repeat(2_000_000) }) },
    answer(/longer than/),
  ),
  ...refuses(
    'the connection breaks in the middle',
    { does: 'broken' },
    { ...unavailable(/broke off/), evidence: { begun: true } },
  ),
  [
    'rejects where the answer ends in the middle, whole',
    async ({ server, model }) => {
      server.script({ does: 'truncated' });
      expect(await errorOf(model({ stream: false }).generate(request, never))).toMatchObject(answer(/cut off/));
    },
  ],
  [
    'rejects where the stream ends in the middle',
    async ({ server, model }) => {
      server.script({ does: 'truncated' });
      const error = await errorOf(model({ stream: true }).generate(request, never));
      expect(error).toMatchObject({ ...unavailable(/stream ended/), evidence: { begun: true } });
    },
  ],
  ...(['once', 'half'] as const).map(
    (at): Case<Desk> => [
      `rejects where the stream says that it failed, ${at === 'once' ? 'at once' : 'after half of the answer'}`,
      async ({ server, model }) => {
        server.script({ does: 'failing', at, message: `Overloaded for ${KEY}` });
        const error = await errorOf(model({ stream: true }).generate(request, never));
        expect(error).toMatchObject(unavailable(/Overloaded for \[secret\]/));
        expect(server.calls).toHaveLength(1);
      },
    ],
  ),
  ...[400, 404].flatMap((status) =>
    refuses(
      `the refusal (${status}) quotes the key`,
      { does: 'status', status, message: `no project for ${KEY}, asked with "${KEY}"` },
      { code: 'model.refused', message: expect.stringContaining('no project for [secret], asked with "[secret]"') },
    ),
  ),
  ...bothWays('rejects with the wrong key, without saying which', async ({ model }, stream) => {
    const error = await errorOf(model({ stream, apiKey: 'sk-wrong-1234567' }).generate(request, never));
    expect(error).toMatchObject({ code: 'model.refused', retry: false });
    expect(inspect(error, { depth: 9 })).not.toContain('sk-wrong');
  }),
  ...bothWays('rejects where the model is unknown', async ({ model }, stream) => {
    const error = await errorOf(model({ stream, model: 'claude-sonnet-4-9' }).generate(request, never));
    expect(error).toMatchObject({ code: 'model.refused', message: expect.stringContaining('not found') });
  }),
  ...(['silent', 'stuck'] as const).flatMap((does) =>
    bothWays(
      `gives up when told to, where the provider is ${does}, and hangs up`,
      async ({ server, model }, stream) => {
        server.script({ does });
        const end = new AbortController();
        const failed = errorOf(model({ stream }).generate(request, end.signal));
        await expect.poll(() => server.calls.length).toBe(1);
        end.abort();
        expect(await failed).toMatchObject({ code: 'model.timeout', retry: true });
        await expect.poll(() => server.open()).toBe(0);
      },
    ),
  ),
  [
    'rejects where nobody listens',
    async ({ server, model }) => {
      await server.dispose();
      expect(await errorOf(model({ stream: false }).generate(request, never))).toMatchObject(
        unavailable(/ECONNREFUSED/),
      );
    },
  ],
  [
    'says that the provider has the model',
    async ({ model }) => expect(await model({ stream: false }).check(never)).toBeNull(),
  ],
  [
    'says that the provider does not have the model',
    async ({ model }) => {
      const error = await errorOf(model({ stream: false, model: 'claude-none' }).check(never));
      expect(error).toMatchObject({
        code: 'model.refused',
        message: expect.stringContaining('has no model "claude-none"'),
      });
    },
  ],
  [
    'says that the provider cannot be asked',
    async ({ server, model }) => {
      const { check } = model({ stream: false });
      for (const [behaviour, code] of [
        [{ does: 'status', status: 503, html: true }, 'model.unavailable'],
        [{ does: 'garbled' }, 'model.answer'],
        [{ does: 'page' }, 'model.answer'],
      ] as const) {
        server.script(behaviour);
        expect(await errorOf(check(never))).toMatchObject({ code });
      }
      expect(await errorOf(model({ stream: false, apiKey: 'sk-wrong-1234567' }).check(never))).toMatchObject({
        code: 'model.refused',
      });
      server.script({ does: 'silent' });
      expect(await errorOf(check(AbortSignal.timeout(50)))).toMatchObject({ code: 'model.timeout' });
    },
  ],
]);
