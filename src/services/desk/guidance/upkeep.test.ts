import { expect, test } from 'vitest';
import { steppingClock } from '../../../../test/support/stepping-clock.ts';
import { prometheusMetrics } from '../../../adapters/metrics/prometheus.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import { guidanceUpkeep } from './upkeep.ts';

const { signal } = new AbortController();
const NOW = Date.UTC(2024, 0, 31);

const upkeep = async (days: number, dropOlder: (limit: number) => Promise<number>): Promise<string> => {
  const metrics = prometheusMetrics({ process: false });
  await guidanceUpkeep({ calls: { dropOlder }, clock: steppingClock(NOW), metrics }, days, signal);
  return metrics.text();
};

test('what is older than the retention goes; with none nothing does', async () => {
  const limits: number[] = [];
  const drop = async (limit: number) => limits.push(limit);
  expect(await upkeep(30, drop)).toContain('pulse_mcp2_guidance_dropped_total 1');
  await upkeep(0, drop);
  expect(limits).toEqual([Date.UTC(2024, 0, 1)]);
});

test('while the database is away it is counted, and tried again later; a fault of our own is told', async () => {
  const away = () => Promise.reject(new PulseError('database.unavailable', { reason: 'it is away' }));
  expect(await upkeep(30, away)).toContain('pulse_mcp2_guidance_upkeep_failures_total 1');
  await expect(upkeep(30, () => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken');
});
