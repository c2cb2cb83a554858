import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { ServiceProcess } from '../support/service-process.ts';

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
