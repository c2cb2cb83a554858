import { createClient } from 'redis';
import { afterAll, expect, test } from 'vitest';
import { Shell } from '../support/command-line.ts';
import { clock, contentsOf, EnrichmentRig, entriesOf, STREAM } from '../support/enrichment-rig.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable } from '../support/postgres-server.ts';
import { redisAvailable } from '../support/redis-server.ts';
import { tickSet } from '../support/tick-sets.ts';

test('without PG_DSN, or with one that is none, it says so in one line and ends with 64', async () => {
  const shell = await Shell.open({});
  const missing = await shell.run(['enrichment']);
  expect([missing.code, missing.err]).toEqual([
    64,
    'pulse: PG_DSN is not set, and `pulse enrichment` needs it: the Postgres that keeps enriched ticks and analyses\n',
  ]);
  const malformed = await shell.run(['enrichment', '--pg-dsn', 'localhost:5432']);
  expect(malformed.code).toBe(64);
  expect(malformed.err).toMatch(/^pulse: --pg-dsn: "localhost:5432" \(command line\) is not a URL .*\n$/);
  await shell.close();
});

await describeWith(
  'enrichment on Redis and Postgres',
  { ticks: true, engines: [redisAvailable, postgresAvailable] },
  () => {
    const rigs: EnrichmentRig[] = [];
    afterAll(() => Promise.all(rigs.map((rig) => rig.dispose())));
    const opened = async (): Promise<EnrichmentRig> => {
      const rig = await EnrichmentRig.start();
      rigs.push(rig);
      return rig;
    };
    const ticks = () => entriesOf(tickSet('EURUSD.histdata.2020-01-30_31').ticks, 30_000);

    test('three workers that share a stream write the rows of one', { timeout: 120_000 }, async () => {
      const rig = await opened();
      const [one, three] = [await rig.database('one'), await rig.database('three')];
      const entries = await ticks();
      await Promise.all([rig.load(0, entries), rig.load(1, entries)]);
      await rig.worker('alone', 0, 'one').start();
      // Small batches, so that each of them is given some.
      const workers = ['a', 'b', 'c'].map((name) => rig.worker(name, 1, 'three', { ENRICH_BATCH: '200' }));
      await Promise.all(workers.map((worker) => worker.start()));
      await Promise.all([rig.enriched(0), rig.enriched(1)]);
      const client = await createClient({ url: rig.redisUrl(1) }).connect();
      const shares = await client.xInfoConsumers(STREAM, 'enrichers');
      client.destroy();
      expect(shares).toHaveLength(3);
      const expected = await contentsOf(one);
      expect(expected.rows).toMatchObject({ rows: '30000', entries: '30000' });
      expect(await contentsOf(three)).toEqual(expected);
    });

    test('what a dead worker left is taken over by another once it is idle', { timeout: 120_000 }, async () => {
      const rig = await opened();
      const database = await rig.database('heirs');
      await rig.load(0, await ticks());
      const env = { CLAIM_MIN_IDLE_MS: '1000', ENRICH_BATCH: '500' };
      const dead = rig.worker('dead', 0, 'heirs', env);
      await dead.start();
      await rig.until('some rows are there', async () => Number((await contentsOf(database)).rows.rows) > 0);
      await rig.postgres.stop();
      await clock.sleep(1_000);
      await dead.end('SIGKILL');
      expect((await rig.left(0)).pending).toBeGreaterThan(0);
      await rig.postgres.start();
      await rig.worker('heir', 0, 'heirs', env).start();
      await rig.enriched(0);
      expect((await contentsOf(database)).rows).toMatchObject({ rows: '30000', entries: '30000' });
    });

    test('it starts while Postgres is away, says so in /ready, and goes on when it is back', {
      timeout: 120_000,
    }, async () => {
      const rig = await opened();
      const database = await rig.database('late');
      await rig.load(0, (await ticks()).slice(0, 2_000));
      await rig.postgres.stop();
      const worker = rig.worker('early', 0, 'late');
      await worker.start(/"event":"engine\.lost"/);
      const address = /"address":"([^"]+)"/.exec(worker.printed)![1]!;
      const ready = await fetch(`${address}/ready`);
      expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('cannot reach the database')]);
      await rig.postgres.start();
      await rig.enriched(0);
      expect((await contentsOf(database)).rows).toMatchObject({ rows: '2000' });
      expect((await fetch(`${address}/ready`)).status).toBe(200);
    });

    test('an analysis of each closed bar is stored, and `pulse analyze` shows the newest', {
      timeout: 120_000,
    }, async () => {
      const rig = await opened();
      await rig.database('analyses');
      await rig.load(0, await ticks());
      await rig.worker('analyst', 0, 'analyses').start();
      await rig.enriched(0);
      const shell = await Shell.open({ PG_DSN: rig.dsn('analyses') });
      const { code, out } = await shell.run(['analyze', 'EURUSD', '--json']);
      expect(code).toBe(0);
      const analysis = JSON.parse(out) as { symbol: string; text: string; technical_indicators: { rsi: number } };
      expect(analysis).toMatchObject({ symbol: 'EURUSD', timeframe: '1m' });
      expect(analysis.technical_indicators.rsi).toBeGreaterThan(0);
      const readable = await shell.run(['analyze', 'EURUSD']);
      expect(readable.out).toContain(analysis.text);
      const none = await shell.run(['analyze', 'GBPUSD']);
      expect([none.code, none.err]).toEqual([
        66,
        'pulse: there is no analysis of GBPUSD 1m; stored are: EURUSD 15m, EURUSD 1h, EURUSD 1m, EURUSD 5m\n',
      ]);
      await shell.close();
    });

    test('a bar that closes by the clock holds the ticks that other workers were given', {
      timeout: 120_000,
    }, async () => {
      const rig = await opened();
      const database = await rig.database('clock');
      const worker = rig.worker('one', 0, 'clock');
      await worker.start();
      const client = await createClient({ url: rig.redisUrl(0) }).connect();
      const minute = Math.floor(clock.now() / 60_000) * 60_000 - 60_000;
      const add = (n: number): string[] => {
        const tick = { symbol: 'EURUSD', ts: minute + n * 1_000, price: 1.1, volume: 1 };
        return ['XADD', STREAM, '*', 'j', JSON.stringify(tick)];
      };
      for (let n = 0; n < 3; n += 1) await client.sendCommand(add(n));
      await rig.enriched(0);
      // At once, so that the worker is given none of them.
      const given = client.multi();
      for (let n = 3; n < 8; n += 1) given.addCommand(add(n));
      given.addCommand(['XREADGROUP', 'GROUP', 'enrichers', 'another', 'STREAMS', STREAM, '>']);
      await given.exec();
      client.destroy();
      const ticksOf = async (): Promise<number[]> =>
        (
          await database.query<{ n: number }>(
            "SELECT (payload #>> '{extras,bar,n}')::int4 AS n FROM analyses WHERE timeframe = '1m' AND NOT settled",
          )
        ).map(({ n }) => n);
      await rig.until('the bar holds all ticks', async () => (await ticksOf()).includes(8), 60_000);
    });
  },
);
