import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { Shell } from '../support/command-line.ts';
import { type EmbeddingServer, startEmbeddingServer } from '../support/embedding-server.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { type Answered, Mcp2Desk, trendTrade } from '../support/mcp2-desk.ts';
import { KEYS, type Mcp2Engines, realMcp2 } from '../support/mcp2-engines.ts';
import { describeWith } from '../support/needs.ts';
import { onKafka, onRedis } from '../support/parity-desk.ts';
import { postgresAvailable } from '../support/postgres-server.ts';
import { readPartition } from '../support/read-partition.ts';
import { redisAvailable } from '../support/redis-server.ts';

const clock = systemClock();

await describeWith(
  'two processes of mcp2 over one Redis, Postgres and Kafka',
  { engines: [redisAvailable, postgresAvailable, kafkaAvailable] },
  () => {
    let embedder: EmbeddingServer;
    let engines: Mcp2Engines;
    let both: readonly [Mcp2Desk, Mcp2Desk];
    let shell: Shell;
    beforeAll(async () => {
      embedder = await startEmbeddingServer('openai');
      engines = await realMcp2({
        EMBEDDER: 'openai-compatible',
        EMBEDDER_URL: embedder.url,
        EMBEDDER_MODEL: embedder.model,
        EMBEDDER_API_KEY: embedder.key,
      });
      both = [
        new Mcp2Desk(engines.address, KEYS.desk),
        new Mcp2Desk((await engines.startAnother?.()) ?? '', KEYS.desk),
      ];
      for (const desk of both)
        await vi.waitFor(async () => expect((await desk.get('/ready')).status).toBe(200), 30_000);
      shell = await Shell.open(engines.env);
    }, 240_000);
    afterAll(async () => {
      await shell.close();
      await engines.dispose();
      await embedder.dispose();
    });

    const forwarded = async (): Promise<string[]> => {
      const ids: string[] = [];
      for (const { partition, earliest } of await engines.log.ranges([engines.topic]))
        for (const { value } of await readPartition(engines.log, engines.topic, partition, earliest, 1_000))
          ids.push(JSON.parse(String(value)).id);
      return ids.sort();
    };

    test('a trade that either took is forwarded once, and either gives it back', async () => {
      const logged = await Promise.all(
        Array.from({ length: 60 }, (_, i) =>
          both[i % 2]!.post('/log_enriched_trade', trendTrade({ strategy: `s${i}` })),
        ),
      );
      const ids = logged.map(({ body }) => body.id as string).sort();
      expect(new Set(ids).size).toBe(60);
      await vi.waitFor(async () => expect(await forwarded()).toEqual(expect.arrayContaining(ids)), 30_000);
      expect(await forwarded()).toEqual(ids);
      for (const desk of both) {
        const { trades } = (await desk.get('/trades/recent?limit=60')).body;
        expect(trades.map(({ id }: { id: string }) => id).sort()).toEqual(ids);
      }
    });

    test('one Idempotency-Key is one trade, whichever takes it first', async () => {
      const key = { 'idempotency-key': `order-${clock.now()}` };
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, i) => both[i % 2]!.post('/log_enriched_trade', trendTrade(), key)),
      );
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      const replayed = ({ headers }: Answered): boolean => headers.get('idempotency-replayed') === 'true';
      expect(answers.filter((answer) => !replayed(answer))).toHaveLength(1);
      for (const desk of both)
        expect((await desk.post('/log_enriched_trade', trendTrade({ strategy: 'other' }), key)).status).toBe(409);
    });

    test('a document that one indexed is found by the other, by its words and by its vectors, until one removes it', async () => {
      const [here, there] = both;
      const content = '# Slippage\n\nThe fill came two ticks worse than the quote.';
      const { id } = (await here.post('/documents', { content, url: 'https://desk.example/slippage' })).body;
      for (const desk of both)
        await vi.waitFor(async () => {
          const { mode, results } = (await desk.get('/search_docs?query=worse%20fill')).body;
          expect([mode, results[0]]).toMatchObject(['hybrid', { id, ranks: { text: 1, vector: 1 } }]);
        }, 30_000);
      expect((await there.delete(`/documents/${id}`)).status).toBe(204);
      for (const desk of both) {
        expect((await desk.get(`/documents/${id}`)).status).toBe(404);
        expect((await desk.get('/search_docs?query=worse%20fill')).body.results).toEqual([]);
      }
    });

    test('a promotion and a rollback hold for both from the next request', async () => {
      const symbol = `TWO${clock.now()}`;
      const start = Math.floor(clock.now() / 60_000) * 60_000 - 600_000;
      const { streams, log } = engines;
      await onRedis({ streams }, symbol, start);
      for (const minute of [0, 1]) await onKafka({ log }, symbol, start + minute * 60_000);
      const shown = () =>
        Promise.all(
          both.map(async (desk) => {
            const { source, bars } = (await desk.get(`/bars/${symbol}`)).body;
            return [source, bars.length];
          }),
        );
      expect(await shown()).toEqual([
        ['redis', 1],
        ['redis', 1],
      ]);
      expect((await shell.run(['promote', '--force', '--reason', 'a test'])).code).toBe(0);
      expect(await shown()).toEqual([
        ['kafka', 2],
        ['kafka', 2],
      ]);
      for (const desk of both) expect((await desk.get('/parity')).body.barSource).toMatchObject({ source: 'kafka' });
      expect((await shell.run(['rollback', '--reason', 'a test'])).code).toBe(0);
      expect(await shown()).toEqual([
        ['redis', 1],
        ['redis', 1],
      ]);
    });
  },
);
