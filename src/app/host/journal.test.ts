import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { readPartition } from '../../../test/support/read-partition.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { type JournalOptions, journals } from './journal.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const clock = { ...systemClock(), now: () => Date.UTC(2026, 6, 1, 10, 2, 11, 204) };

function journal(options: Partial<JournalOptions> = {}) {
  const lines: string[] = [];
  const metrics = prometheusMetrics({ process: false });
  const all = journals(
    { clock, metrics, write: (line) => lines.push(line) },
    {
      instance: 'desk-1',
      level: 'info',
      format: 'json',
      colour: false,
      topic: 'overseer-events',
      secrets: [],
      ...options,
    },
  );
  const count = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await metrics.text())?.[1]);
  return { all, lines, dropped: () => count('pulse_journal_dropped_events_total') };
}

async function embeddedLog(): Promise<RecordLog> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-journal-'));
  folders.push(folder);
  return lmdbRecordLog({ path: folder, clock: systemClock() });
}

/** A log that does not answer until told to. */
function brokenLog(log: RecordLog): RecordLog & { mend(): void } {
  let broken = true;
  return {
    ...log,
    append: (records) =>
      broken
        ? Promise.reject(new PulseError('log.unavailable', { at: 'kafka:9092', reason: 'gone' }))
        : log.append(records),
    mend: () => {
      broken = false;
    },
  };
}

const topicOf = async (log: RecordLog) =>
  (await readPartition(log, 'overseer-events', 0, 0, 20_000)).map(({ value }) => JSON.parse(value!.toString()));

test('an event is one line of JSON', () => {
  const { all, lines } = journal();
  all.of('mirror').event('warn', 'gap.opened', 'ticks may have been missed', { reason: 'disconnect' });
  expect(JSON.parse(lines.join(''))).toEqual({
    ts: '2026-07-01T10:02:11.204Z',
    service: 'mirror',
    instance: 'desk-1',
    level: 'warn',
    event: 'gap.opened',
    message: 'ticks may have been missed',
    data: { reason: 'disconnect' },
  });
  expect(lines[0]!.endsWith('}\n')).toBe(true);
});

test('on a terminal an event is a code, fields and a message on one line', () => {
  const { all, lines } = journal({ format: 'pretty' });
  all.of('mirror').event('warn', 'gap.opened', 'ticks may\nhave been missed', {
    reason: 'disconnect',
    next: 'back-fill from v2:ticks:l1',
    filled: 0,
    none: null,
  });
  expect(lines).toEqual([
    '10:02:11.204Z WARN  mirror gap.opened reason=disconnect next="back-fill from v2:ticks:l1" filled=0 ticks may have been missed\n',
  ]);
});

test('what is below the level is not printed, and debug never goes to the topic', async () => {
  const { all, lines } = journal({ level: 'warn' });
  const log = await embeddedLog();
  all.sendTo(log);
  all.of('bars').event('debug', 'lag.normal', 'a');
  all.of('bars').event('info', 'lag.normal', 'b');
  all.of('bars').event('warn', 'lag.high', 'c');
  await all.flush(10_000);
  expect(lines).toHaveLength(1);
  expect((await topicOf(log)).map(({ message }) => message)).toEqual(['b', 'c']);
  await log.close();
});

test('secrets come neither into the log nor onto the topic, at any depth', async () => {
  const { all, lines } = journal({ secrets: ['hunter22', 'pw'] });
  const log = await embeddedLog();
  all.sendTo(log);
  const error = new Error('AUTH hunter22 refused');
  all.of('feed').event('error', 'engine.lost', 'no answer from redis://desk:other@redis', {
    url: 'redis://u:hunter22@h',
    list: [{ error, exact: 'pw', word: 'spwn' }],
    big: 10n,
  });
  await all.flush(10_000);
  for (const text of [lines.join(''), JSON.stringify(await topicOf(log))]) {
    expect(text).not.toMatch(/hunter22|other|"pw"/);
    expect(text).toContain('AUTH [secret] refused');
    expect(text).toContain('spwn');
  }
  await log.close();
});

test('events that come before the log, or while it is away, are kept in order and sent', async () => {
  const { all, dropped } = journal();
  const log = await embeddedLog();
  const away = brokenLog(log);
  for (let i = 0; i < 700; i += 1) all.of('bars').event('info', 'lag.high', String(i));
  all.sendTo(away);
  all.of('bars').event('info', 'lag.high', '700');
  away.mend();
  await vi.waitFor(async () => expect((await topicOf(log)).length).toBe(701), { timeout: 20_000 });
  expect((await topicOf(log)).map(({ message }) => Number(message))).toEqual(Array.from({ length: 701 }, (_, i) => i));
  expect(await dropped()).toBe(0);
  await log.close();
});

test('what does not fit, and what the log never took, is dropped and counted, and nobody waits', async () => {
  const { all, dropped } = journal({ capacity: 10 });
  const log = await embeddedLog();
  all.sendTo(brokenLog(log));
  for (let i = 0; i < 25; i += 1) all.of('bars').event('info', 'lag.high', String(i));
  expect(await dropped()).toBe(15);
  await all.flush(50);
  expect(await dropped()).toBe(25);
  await log.close();
});
