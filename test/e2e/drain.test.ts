import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { EnrichmentRig } from '../support/enrichment-rig.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable } from '../support/postgres-server.ts';
import { redisAvailable } from '../support/redis-server.ts';
import { ServiceProcess } from '../support/service-process.ts';
import { startSilentServer } from '../support/silent-server.ts';

const clock = systemClock();
/** In which a service drains, and after which its process says that it did not. */
const NOT_DRAINED = 75;

// Nobody listens on port 1: every engine refuses at once, for ever.
test.each([
  'mirror',
  'bars --source kafka',
  'bars --source redis',
  'overseer',
  'enrichment',
  'mcp2',
  'reconcile --watch *',
])('pulse %s, none of whose engines is there, ends in good order when told to', async (words) => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-drain-'));
  const argv = words === 'reconcile --watch *' ? ['reconcile', '--watch', '* * * * *'] : words.split(' ');
  const service = new ServiceProcess(argv, {
    REDIS_URL: 'redis://127.0.0.1:1',
    KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
    PG_DSN: 'postgres://pulse@127.0.0.1:1/pulse',
    PULSE_DATA_DIR: folder,
  });
  onTestFinished(async () => {
    await service.end('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await service.start(/"event":"engine\.lost"/);
  await clock.sleep(3_000);
  const code = await service.end('SIGTERM');
  expect(code, service.printed).not.toBe(NOT_DRAINED);
  expect(code).toBe(0);
});

await describeWith('a Postgres that falls silent', { engines: [redisAvailable, postgresAvailable] }, () => {
  test('does not keep pulse enrichment from ending in good order', { timeout: 60_000 }, async () => {
    const rig = await EnrichmentRig.start();
    onTestFinished(() => rig.dispose());
    await rig.database('silent');
    const { port } = new URL(rig.postgres.dsn);
    const way = await startSilentServer(Number(port));
    onTestFinished(() => way.dispose());
    const worker = rig.worker('w', 0, 'silent', { PG_DSN: rig.dsn('silent').replace(`:${port}/`, `:${way.port}/`) });
    await worker.start();
    const tick = ['j', JSON.stringify({ symbol: 'EURUSD', ts: 1_700_000_000, bid: 1.1, ask: 1.1001 })];
    await rig.load(0, [tick]);
    await rig.enriched(0);
    way.silence(true);
    await rig.load(0, [tick], 1_700_000_001_000);
    await rig.until('the second entry waits to be written', async () => (await rig.left(0)).pending === 1);
    const code = await worker.end('SIGTERM');
    expect(code, worker.printed).toBe(0);
  });
});
