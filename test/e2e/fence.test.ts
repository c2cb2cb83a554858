import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { readConfig } from '../../src/app/config/config.ts';
import { engines } from '../../src/app/engines/composition.ts';
import { makeIncumbent } from '../../src/app/wiring/bars.ts';
import { BAR_STREAMS, barStream, SUPERSEDED_BY } from '../../src/domain/bar/bar-topics.ts';
import { writeBarSource } from '../../src/services/reconcile/bar-source.ts';
import { recordingJournal } from '../support/recording-journal.ts';

const clock = systemClock();
const MINUTE = 60_000;
const BEGIN = Math.floor(clock.now() / MINUTE) * MINUTE - 600 * MINUTE;

test('while readers are switched away the incumbent marks the bars that it writes, and after a rollback no more', {
  timeout: 120_000,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'pulse-fence-'));
  const { config } = readConfig('bars', { flags: {}, env: {}, file: null });
  const opened = engines({ config, clock, dataDir, policy: 'embedded' });
  const [pubSub, streams, keys] = [await opened.pubSub(), await opened.streams(), await opened.keys()];
  const needs = {
    engines: opened,
    values: config.values,
    dataDir,
    instance: 'fence',
    clock,
    metrics: prometheusMetrics({ process: false }),
    journal: () => recordingJournal(),
  };
  const service = await makeIncumbent(needs, BAR_STREAMS, async () => keys);
  const end = new AbortController();
  const running = service.run(end.signal);
  onTestFinished(async () => {
    end.abort();
    await running;
    await opened.close();
    await rm(dataDir, { recursive: true });
  });
  await expect.poll(() => service.readiness().ready, { timeout: 30_000 }).toBe(true);

  let minute = 0;
  /** What the newest bar says, after one more minute was traded. */
  const mark = async (): Promise<string | null> => {
    minute += 1;
    const payload = Buffer.from(JSON.stringify({ ts: BEGIN + minute * MINUTE, price: 1.1, volume: 1 }));
    await pubSub.publish([{ channel: 'ticks.EURUSD', payload }]);
    await clock.sleep(200);
    const [newest] = await streams.newest(barStream(BAR_STREAMS, 'EURUSD', '1m'), 1);
    return newest === undefined ? 'no bar' : (newest.fields[SUPERSEDED_BY]?.toString() ?? null);
  };
  const until = (said: string | null) => expect.poll(mark, { timeout: 60_000, interval: 100 }).toBe(said);
  await until(null);
  await writeBarSource(keys, { source: 'kafka', switched: { at: '2026-07-01T09:00:00Z', by: 'test', reason: null } });
  await until('kafka');
  await writeBarSource(keys, { source: 'redis', switched: { at: '2026-07-01T10:00:00Z', by: 'test', reason: null } });
  await until(null);
});
