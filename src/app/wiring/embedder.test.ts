import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { putDocument } from '../../../test/support/document-chunks.ts';
import { embeddingModel, embeddingModelAvailable } from '../../../test/support/embedding-model.ts';
import { startEmbeddingServer } from '../../../test/support/embedding-server.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { pgliteDatabase } from '../../adapters/database/pglite.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { readConfig } from '../config/config.ts';
import { makeEmbedder, makeVectorArm } from './embedder.ts';

const clock = systemClock();
const configOf = (env: Readonly<Record<string, string>>) => readConfig('mcp2', { flags: {}, env, file: null }).config;
const folderOf = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-embedder-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

test('no embedder is made where none is configured', async () => {
  expect(await makeEmbedder(configOf({}), clock)).toBe(null);
});

test.each([
  ['openai-compatible', 'openai'],
  ['ollama', 'ollama'],
] as const)('the embedder of %s is made of its settings', async (kind, form) => {
  const server = await startEmbeddingServer(form);
  onTestFinished(() => server.dispose());
  const embedder = await makeEmbedder(
    configOf({ EMBEDDER: kind, EMBEDDER_URL: server.url, EMBEDDER_MODEL: server.model, EMBEDDER_API_KEY: server.key }),
    clock,
  );
  expect(embedder!.name).toBe(`${kind}:${server.model}`);
  expect(await embedder!.dimensions(new AbortController().signal)).toBe(64);
  await embedder!.close();
});

test.each([
  [{}, /EMBEDDER_PATH .* has no model\.onnx/],
  [{ 'model.onnx': 'x' }, /EMBEDDER_PATH .* has no tokenizer\.json/],
  [{ 'model.onnx': 'x', 'tokenizer.json': '{' }, /has a tokenizer\.json that is no JSON/],
  [{ 'model.onnx': 'x', 'tokenizer.json': '{}', 'config.json': '[' }, /has a config\.json that is no JSON/],
])('a folder with %j is refused at once', async (files, reason) => {
  const folder = await folderOf();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const made = makeEmbedder(configOf({ EMBEDDER: 'onnx', EMBEDDER_PATH: folder }), clock);
  await expect(made).rejects.toMatchObject({ code: 'embedder.refused', message: reason });
});

await describeWith('a sentence transformer in this process', { engines: [embeddingModelAvailable] }, () => {
  test('finds the passage that means what is asked for, in other words', async () => {
    const folder = await folderOf();
    const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
    const journal = recordingJournal();
    const arm = await makeVectorArm(
      {
        config: configOf({ EMBEDDER: 'onnx', EMBEDDER_PATH: await embeddingModel() }),
        engines: { database: async () => database },
        clock,
        metrics: prometheusMetrics({ process: false }),
        journals: { of: () => journal },
      },
      'mcp2',
    );
    const end = new AbortController();
    const run = arm!.run(end.signal);
    await putDocument(database, 'rules', [
      'Never risk more than one percent of the account on a single position.',
      'After two losing trades in a row stop for the day.',
      'The exchange closes at five in the afternoon, New York time.',
      'Sourdough bread needs a starter, flour, water and patience.',
    ]);
    arm!.wake();
    const best = async (query: string): Promise<number> =>
      (await arm!.search.nearest(query, 1, new AbortController().signal))[0]!.chunk;
    await vi.waitFor(async () => expect(await best('baking a loaf')).toBe(3), { timeout: 30_000 });
    expect(await best('how big may a bet be')).toBe(0);
    expect(await best('I lost twice already, what now')).toBe(1);
    expect(await best('when does the market shut')).toBe(2);
    expect(journal.codes()).toEqual([]);
    end.abort();
    await run;
    await arm!.close();
    await database.close();
  });

  test('a model that is none is refused, with what the runtime says', async () => {
    const folder = await folderOf();
    await writeFile(join(folder, 'model.onnx'), 'this is no model');
    await writeFile(
      join(folder, 'tokenizer.json'),
      '{"model":{"type":"WordPiece","vocab":{"[UNK]":0},"unk_token":"[UNK]"}}',
    );
    const embedder = await makeEmbedder(configOf({ EMBEDDER: 'onnx', EMBEDDER_PATH: folder }), clock);
    const signal = new AbortController().signal;
    await expect(embedder!.embed(['x'], signal)).rejects.toMatchObject({ code: 'embedder.refused' });
    await embedder!.close();
  });
});
