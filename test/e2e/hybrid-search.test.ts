import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { embeddingModel, embeddingModelAvailable } from '../support/embedding-model.ts';
import { addressesOf, Mcp2Desk } from '../support/mcp2-desk.ts';
import { describeWith } from '../support/needs.ts';
import { qualityDocuments } from '../support/search-quality.ts';
import { ServiceProcess } from '../support/service-process.ts';

const DOCUMENTS = ['circuit-breaker', 'iceberg-order', 'leverage-margin', 'redis-memory', 'slippage', 'trailing-stop'];

await describeWith(
  'pulse up with a model of its own finds documents by meaning',
  { engines: [embeddingModelAvailable] },
  () => {
    let folder: string;
    let up: ServiceProcess;
    let desk: Mcp2Desk;
    async function start(embedder: Record<string, string>): Promise<void> {
      up = new ServiceProcess(['up', '--feed', 'none'], {
        PULSE_DATA_DIR: join(folder, 'data'),
        MCP2_PORT: '0',
        ...embedder,
      });
      const [, address = ''] = await addressesOf(up, 2);
      desk = new Mcp2Desk(address);
    }
    const figure = async (name: string): Promise<number> =>
      Number(new RegExp(`^${name} (\\d+)`, 'm').exec((await desk.get('/metrics')).body)?.[1]);
    const embedded = () =>
      vi.waitFor(
        async () => expect(await figure('pulse_mcp2_chunks_embedded_total')).toBeGreaterThanOrEqual(DOCUMENTS.length),
        {
          timeout: 60_000,
          interval: 200,
        },
      );
    const search = async (query: string) =>
      (await desk.get(`/search_docs?query=${encodeURIComponent(query)}`)).body as {
        mode: string;
        total: number;
        results: { id: string; ranks: { text: number | null; vector: number | null } }[];
      };
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pulse-hybrid-'));
    });
    afterAll(async () => {
      await up.end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    });

    const paraphrase = 'broker sold my holdings because equity was too low';

    test('once they are embedded: what has none of the words, with the rank of each arm', {
      timeout: 180_000,
    }, async () => {
      await start({ EMBEDDER: 'none' });
      for (const id of DOCUMENTS)
        expect(
          (await desk.post('/documents', { id, content: qualityDocuments.get(id), format: 'markdown' })).status,
        ).toBe(200);
      expect(await search('hide how much I am buying')).toMatchObject({ mode: 'text' });
      const byWords = (await search('concealing volume')).results.map(({ id }) => id);
      expect(byWords).not.toContain('iceberg-order');
      expect(await up.end('SIGTERM')).toBe(0);

      await start({ EMBEDDER: 'onnx', EMBEDDER_PATH: await embeddingModel() });
      await embedded();
      const page = await vi.waitFor(async () => {
        const found = await search('concealing volume');
        expect(found.results[0]).toMatchObject({ id: 'iceberg-order', ranks: { text: null, vector: 1 } });
        return found;
      }, 20_000);
      expect(page.mode).toBe('hybrid');
      expect((await search(paraphrase)).results[0]).toMatchObject({ id: 'leverage-margin', ranks: { vector: 1 } });
      expect((await search('trailing stop')).results[0]).toMatchObject({
        id: 'trailing-stop',
        ranks: { text: 1, vector: 1 },
      });
      expect(await search('sourdough recipe')).toMatchObject({ mode: 'hybrid', total: 0 });
      // A document that is changed is found by what it now says, one that is gone by nothing.
      await desk.post('/documents', {
        id: 'slippage',
        content: '# Fills\n\nCats purr when they are stroked.',
        format: 'markdown',
      });
      await vi.waitFor(async () => expect((await search('happy kitten')).results[0]?.id).toBe('slippage'), 20_000);
      expect((await desk.delete('/documents/slippage')).status).toBe(204);
      expect((await search('happy kitten')).results.map(({ id }) => id)).not.toContain('slippage');
      expect(await up.end('SIGTERM')).toBe(0);
    });

    test('and by their words alone while the model is broken', { timeout: 90_000 }, async () => {
      const broken = join(folder, 'broken');
      await mkdir(broken);
      await copyFile(join(await embeddingModel(), 'tokenizer.json'), join(broken, 'tokenizer.json'));
      await writeFile(join(broken, 'model.onnx'), 'no model');
      await start({ EMBEDDER: 'onnx', EMBEDDER_PATH: broken });
      expect(await search('trailing stop')).toMatchObject({
        mode: 'text',
        results: expect.arrayContaining([expect.objectContaining({ id: 'trailing-stop' })]),
      });
      expect(await figure('pulse_document_vector_failures_total')).toBeGreaterThan(0);
      expect((await desk.get('/health')).status).toBe(200);
    });
  },
);
