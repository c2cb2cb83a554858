import { expect, test, vi } from 'vitest';
import { recordingJournal } from '../../test/support/recording-journal.ts';
import { steppingClock } from '../../test/support/stepping-clock.ts';
import { prometheusMetrics } from '../adapters/metrics/prometheus.ts';
import { PulseError } from '../domain/errors/errors.ts';
import type { NewRecord } from '../ports/record-log.ts';
import { type AuditEntry, auditTrail } from './audit.ts';

const entry = (id: string): AuditEntry => ({ action: 'trade.log', by: 'desk', id, status: 200, from: '127.0.0.1' });

/** A trail into a log that fails as often as it is told to. */
function desk({ failures = 0, capacity = 1_000, silent = false } = {}) {
  const [metrics, journal, records] = [prometheusMetrics({ process: false }), recordingJournal(), [] as NewRecord[]];
  const batches: number[] = [];
  let left = failures;
  const done = new AbortController();
  let wanted = Number.POSITIVE_INFINITY;
  let begun = 0;
  const log = {
    async append(given: readonly NewRecord[]) {
      begun += 1;
      if (silent) await new Promise(() => undefined);
      if (left > 0) {
        left -= 1;
        throw new PulseError('log.unavailable', { reason: 'away' });
      }
      batches.push(given.length);
      records.push(...given);
      if (records.length >= wanted) done.abort();
    },
  };
  const clock = steppingClock(Date.parse('2026-03-02T08:15:00Z'));
  const trail = auditTrail({ log, clock, metrics, journal }, { of: 'mcp2', topic: 'mcp2.audit', capacity });
  return {
    ...trail,
    batches,
    journal,
    metrics,
    begun: () => begun,
    ids: () => records.map(({ value }) => (JSON.parse(String(value)) as AuditEntry).id),
    first: () => ({ ...records[0], value: JSON.parse(String(records[0]?.value)) }),
    /** Runs until so many are written. */
    runUntil(count: number) {
      wanted = count;
      return trail.run(done.signal);
    },
  };
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `t${i}`);

test('an entry stands in the log with its time and all that was told', async () => {
  const { audit, runUntil, first } = desk();
  audit.write(entry('t0'));
  await runUntil(1);
  expect(first()).toMatchObject({
    topic: 'mcp2.audit',
    timestamp: Date.parse('2026-03-02T08:15:00Z'),
    value: {
      ts: '2026-03-02T08:15:00.000Z',
      action: 'trade.log',
      by: 'desk',
      id: 't0',
      status: 200,
      from: '127.0.0.1',
    },
  });
});

test('entries are written in batches, in their order', async () => {
  const { audit, runUntil, ids: written, batches } = desk({ capacity: 2_000 });
  for (const id of ids(1_200)) audit.write(entry(id));
  await runUntil(1_200);
  expect(written()).toEqual(ids(1_200));
  expect(batches).toEqual([500, 500, 200]);
});

test('while the log is away they wait, and it is said once', async () => {
  const { audit, runUntil, ids: written, journal, metrics } = desk({ failures: 5 });
  for (const id of ids(3)) audit.write(entry(id));
  await runUntil(3);
  expect(written()).toEqual(ids(3));
  expect(journal.codes()).toEqual(['engine.lost']);
  expect(await metrics.text()).toContain('mcp2_audit_dropped_total 0');
});

test('more than there is room for are dropped, counted and told', async () => {
  const { audit, runUntil, ids: written, journal, metrics } = desk({ capacity: 2 });
  for (const id of ids(5)) audit.write(entry(id));
  await runUntil(2);
  expect(written()).toEqual(['t0', 't1']);
  expect(journal.codes()).toEqual(['audit.dropped']);
  expect(await metrics.text()).toContain('mcp2_audit_dropped_total 3');
});

test('what waits at the end is written before it ends, also what came after the run; what cannot be is counted', async () => {
  const whole = desk();
  whole.audit.write(entry('t0'));
  await whole.run(AbortSignal.abort());
  for (const id of ['t1', 't2']) whole.audit.write(entry(id));
  await whole.end();
  expect(whole.ids()).toEqual(ids(3));
  const away = desk({ failures: 9 });
  for (const id of ids(3)) away.audit.write(entry(id));
  await away.end();
  expect(await away.metrics.text()).toContain('mcp2_audit_dropped_total 3');
  expect(away.journal.codes()).toEqual(['audit.dropped']);
});

test('a log that does not answer holds up neither the run nor the end, and what it was given is counted as lost', async () => {
  const { audit, run, end, metrics, begun } = desk({ silent: true });
  for (const id of ids(3)) audit.write(entry(id));
  const stop = new AbortController();
  const running = run(stop.signal);
  await vi.waitFor(() => expect(begun()).toBe(1));
  stop.abort();
  await running;
  await end();
  expect(await metrics.text()).toContain('mcp2_audit_dropped_total 3');
});

test('an entry that comes after the end is counted as lost', async () => {
  const { audit, end, metrics, ids: written } = desk();
  await end();
  audit.write(entry('late'));
  expect(written()).toEqual([]);
  expect(await metrics.text()).toContain('mcp2_audit_dropped_total 1');
});
