import { expect } from 'vitest';
import type { PulseError } from '../../src/domain/errors/errors.ts';
import type { Embedder } from '../../src/ports/embedder.ts';
import { contract } from './contract.ts';

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const vectorsOf = (embedder: Embedder, ...texts: string[]): Promise<Float32Array[]> =>
  embedder.embed(texts, new AbortController().signal);
/** The error of an embedding that must fail. */
const failure = (embedder: Embedder, signal = new AbortController().signal): Promise<PulseError> =>
  embedder.embed(['stop loss'], signal).then(
    () => Promise.reject(new Error('it gave vectors')),
    (error: PulseError) => error,
  );

const SENTENCES = [
  'move the stop loss to break even',
  'a stop loss moved to break even costs nothing',
  'the bakery opens at seven on Sundays',
];

export const embedderContract = contract<Embedder>('embedder', [
  [
    'gives each text a vector of length 1, as long as it says',
    async (embedder) => {
      const dimensions = await embedder.dimensions(new AbortController().signal);
      for (const vector of await vectorsOf(embedder, ...SENTENCES, '', '  \n')) {
        expect(vector).toHaveLength(dimensions);
        expect(dot(vector, vector)).toBeCloseTo(1, 5);
      }
    },
  ],
  [
    'puts texts of like meaning closer together than others',
    async (embedder) => {
      const [a, b, c] = await vectorsOf(embedder, ...SENTENCES);
      expect(dot(a!, b!)).toBeGreaterThan(0.5);
      expect(dot(a!, b!) - dot(a!, c!)).toBeGreaterThan(0.3);
    },
  ],
  [
    'keeps the order, however many texts there are',
    async (embedder) => {
      const texts = Array.from({ length: 75 }, (_, i) => `the risk of trade ${i} is ${i * 7} percent`);
      const together = await vectorsOf(embedder, ...texts);
      expect(together).toHaveLength(75);
      for (const i of [0, 31, 32, 33, 74]) {
        const [alone] = await vectorsOf(embedder, texts[i]!);
        expect(together[i]).toEqual(alone);
      }
    },
  ],
  [
    'gives the same text the same vector, whatever company it has',
    async (embedder) => {
      const [alone] = await vectorsOf(embedder, SENTENCES[0]!);
      const [, again, , twice] = await vectorsOf(
        embedder,
        SENTENCES[2]!,
        SENTENCES[0]!,
        'x '.repeat(300),
        SENTENCES[0]!,
      );
      expect(again).toEqual(alone);
      expect(twice).toEqual(alone);
    },
  ],
  ['gives nothing for nothing', async (embedder) => expect(await vectorsOf(embedder)).toEqual([])],
  [
    'cuts a very long text off instead of refusing it',
    async (embedder) => {
      const [long] = await vectorsOf(embedder, `${SENTENCES[0]} `.repeat(30_000));
      expect(dot(long!, long!)).toBeCloseTo(1, 5);
    },
  ],
  [
    'takes whatever text there is: halves of characters, controls, other scripts',
    async (embedder) => {
      const vectors = await vectorsOf(embedder, '\ud83d', 'a\u0000b\u2028', '止损 стоп-лосс وقف 🙂');
      for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5);
    },
  ],
  [
    'cuts a text off further where the server finds it too long still, and leaves those beside it whole',
    async (embedder, tools) => {
      const [short] = await vectorsOf(embedder, SENTENCES[0]!);
      await tools.fault('takes 2,000 characters');
      const [first, long, last] = await vectorsOf(embedder, SENTENCES[0]!, 'risk '.repeat(5_000), SENTENCES[2]!);
      expect(first).toEqual(short);
      expect(dot(long!, long!)).toBeCloseTo(1, 5);
      expect(last).toBeDefined();
    },
  ],
  [
    'keeps the order where the server answers in another',
    async (embedder, tools) => {
      const before = await vectorsOf(embedder, ...SENTENCES);
      await tools.fault('answers in another order');
      expect(await vectorsOf(embedder, ...SENTENCES)).toEqual(before);
    },
  ],
  [
    'says that it is limited, and for how long the server says so',
    async (embedder, tools) => {
      await tools.fault('limits for 7 s');
      expect(await failure(embedder)).toMatchObject({
        code: 'embedder.unavailable',
        evidence: { status: 429, retryAfterMs: 7_000 },
      });
      await tools.fault('limits until a date an hour ago');
      expect(await failure(embedder)).toMatchObject({ code: 'embedder.unavailable', evidence: { retryAfterMs: 0 } });
    },
  ],
  [
    'is unavailable while the server fails, and works again once it does not',
    async (embedder, tools) => {
      await tools.fault('fails with 500');
      expect(await failure(embedder)).toMatchObject({ code: 'embedder.unavailable', evidence: { status: 500 } });
      await tools.fault('hangs up');
      expect((await failure(embedder)).code).toBe('embedder.unavailable');
      await tools.fault('works');
      expect(await vectorsOf(embedder, ...SENTENCES)).toHaveLength(3);
    },
  ],
  [
    'is unavailable while the server is away, and works again once it is back',
    async (embedder, tools) => {
      await tools.fault('server stop');
      const error = await failure(embedder);
      expect(error).toMatchObject({ code: 'embedder.unavailable', retry: true });
      expect(error.message).toContain('ECONNREFUSED');
      await tools.fault('server start');
      expect(await vectorsOf(embedder, ...SENTENCES)).toHaveLength(3);
    },
  ],
  [
    'never takes a malformed answer for vectors',
    async (embedder, tools) => {
      const kinds = ['no JSON', 'another form', 'texts for numbers', 'a vector too few', 'vectors of zeros'];
      for (const kind of kinds) {
        await tools.fault(`answers with ${kind}`);
        expect([kind, await failure(embedder)]).toMatchObject([kind, { code: 'embedder.unavailable' }]);
      }
    },
  ],
  [
    'refuses to go on where another model answers all of a sudden',
    async (embedder, tools) => {
      await vectorsOf(embedder, ...SENTENCES);
      await tools.fault('answers with longer vectors');
      const error = await failure(embedder);
      expect(error.code).toBe('embedder.refused');
      expect(error.message).toMatch(/128 numbers where they had 64/);
    },
  ],
  [
    'says that a key is refused, without the key',
    async (embedder, tools) => {
      await tools.fault('wants another key');
      const error = await failure(embedder);
      expect(error).toMatchObject({ code: 'embedder.refused', retry: false });
      expect(JSON.stringify([error.message, error.evidence])).not.toContain('sk-loopback-secret');
      expect(error.message).toContain('[secret]');
    },
  ],
  [
    'says that the server does not have the model',
    async (embedder, tools) => {
      await tools.fault('lacks the model');
      const error = await failure(embedder);
      expect(error.code).toBe('embedder.refused');
      expect(error.message).toContain('not found');
    },
  ],
  [
    'gives up on a server that does not answer in time',
    async (embedder, tools) => {
      await tools.fault('answers nothing');
      const error = await failure(embedder);
      expect(error.code).toBe('embedder.unavailable');
      expect(error.message).toContain('within');
    },
  ],
  [
    'stops with the reason of its signal',
    async (embedder) => {
      const [before, during] = [new AbortController(), new AbortController()];
      const reason = new Error('the caller hung up');
      before.abort(reason);
      await expect(embedder.embed(['x'], before.signal)).rejects.toBe(reason);
      const texts = Array.from({ length: 400 }, (_, i) => `trade ${i} `.repeat(100));
      const work = embedder.embed(texts, during.signal);
      during.abort(reason);
      await expect(work).rejects.toBe(reason);
      expect(await vectorsOf(embedder, ...SENTENCES)).toHaveLength(3);
    },
  ],
  [
    'is unavailable once it is closed',
    async (embedder) => {
      await vectorsOf(embedder, ...SENTENCES);
      const work = failure(embedder);
      await embedder.close();
      await embedder.close();
      expect((await failure(embedder)).code).toBe('embedder.unavailable');
      await work.catch(() => undefined); // It may have been through already.
    },
  ],
]);
