import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { Shell } from '../support/command-line.ts';
import { kafkaAvailable, startKafka } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { redisAvailable, startRedis } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { tickSet } from '../support/tick-sets.ts';

const clock = systemClock();

await describeWith(
  'on Redis, Kafka and Postgres',
  { ticks: true, engines: [redisAvailable, kafkaAvailable, postgresAvailable] },
  () => {
    test('services bring ticks to both sides, reconcile writes the ledger, and the gate reads it', {
      timeout: 180_000,
    }, async () => {
      const [redis, kafka, postgres] = await Promise.all([startRedis(), startKafka(), startPostgres()]);
      const folder = await mkdtemp(join(tmpdir(), 'pulse-ledger-'));
      const env = { REDIS_URL: redis.url, KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap, BARS_IDLE_CLOSE_MS: '1000' };
      const service = (words: readonly string[], name: string): ServiceProcess =>
        new ServiceProcess(words, { ...env, PG_DSN: postgres.dsn, PULSE_DATA_DIR: join(folder, name) });
      const services = [
        service(['mirror'], 'mirror'),
        service(['bars', '--source', 'kafka'], 'candidate'),
        service(['bars', '--source', 'redis'], 'incumbent'),
      ];
      const watch = service(['reconcile', '--watch', '* * * * * *'], 'watch');
      const shell = await Shell.open({ ...env, PG_DSN: postgres.dsn });
      onTestFinished(async () => {
        await Promise.all([...services, watch].map((each) => each.end('SIGKILL')));
        await shell.close();
        await Promise.all([redis.dispose(), kafka.dispose(), postgres.dispose()]);
        await rm(folder, { recursive: true });
      });
      await Promise.all([services[0]!.start(/gap\.opened/), services[1]!.start(), services[2]!.start(/gap\.opened/)]);
      const { ticks } = tickSet('USDJPY.truefx.2013-01-01');
      expect((await shell.run(['feed', 'replay', ticks, '--speed', 'max', '--port', '0'])).code).toBe(0);

      const session = ['reconcile', '--symbol', 'USDJPY', '--session', '2013-01-02', '--format', 'json'];
      let found = { code: -1, out: '', err: '' };
      for (let attempt = 0; attempt < 60 && !found.out.includes('"agreeing": 34'); attempt += 1) {
        await clock.sleep(500);
        found = await shell.run(session);
      }
      expect(JSON.parse(found.out).reports[0]).toMatchObject({ session: '2013-01-02', expected: 34, parity: 100 });
      expect(found.code).toBe(0);
      // One session of long ago: the gate is open for nobody yet.
      const parity = await shell.run(['parity', '--json']);
      expect(JSON.parse(parity.out)).toMatchObject({ state: 'too few sessions', symbols: [{ symbol: 'USDJPY' }] });
      expect(parity.code).toBe(3);

      // What is in the ledger is not written again; what is not, is.
      expect((await shell.run(['reconcile', '--symbol', 'USDJPY', '--session', '2013-01-01'])).code).toBe(4);
      await watch.start(/"event":"service\.started","data":\{\}|reconciles on/);
      const doctor = await shell.run(['doctor']);
      expect(doctor.out).toContain('postgres');
      expect(doctor.code).toBe(0);
    });
  },
);
