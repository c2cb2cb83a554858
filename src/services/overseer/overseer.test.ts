import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../adapters/clock/system.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { lmdbRecordLog } from '../../adapters/record-log/lmdb.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { readEvent } from './event-reader.ts';
import { type OverseerOptions, overseer } from './overseer.ts';

const TOPIC = 'overseer-events';
const clock = systemClock();
let folder: string;
let log: RecordLog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pulse-overseer-'));
  log = lmdbRecordLog({ path: folder, clock });
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true, force: true });
});

function start(options: Partial<OverseerOptions> = {}) {
  const lines: string[] = [];
  const metrics = prometheusMetrics({ process: false });
  const stop = new AbortController();
  const service = overseer(
    { log, clock, metrics, journal: { event: () => undefined }, print: (line) => lines.push(line) },
    {
      topic: TOPIC,
      group: 'pulse-overseer',
      since: null,
      follow: false,
      grep: null,
      format: 'json',
      colour: false,
      ...options,
    },
  );
  const run = service.run(stop.signal);
  return { lines, metrics, service, run, stop: () => (stop.abort(), run) };
}

const event = (message: string, more: Record<string, unknown> = {}) =>
  Buffer.from(
    JSON.stringify({
      ts: '2026-07-01T10:02:11.204Z',
      service: 'mirror',
      instance: 'desk-1',
      level: 'warn',
      event: 'gap.opened',
      message,
      data: { reason: 'disconnect' },
      ...more,
    }),
  );
const append = (values: readonly Buffer[], timestamp?: (i: number) => number) =>
  log.append(
    values.map((value, i) => ({ topic: TOPIC, key: null, value, ...(timestamp && { timestamp: timestamp(i) }) })),
  );
const messages = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).message);

test('a restart goes on where it left off: every event once', async () => {
  await append([event('a'), event('b')]);
  const first = start();
  await vi.waitFor(() => expect(messages(first.lines)).toEqual(['a', 'b']), 20_000);
  expect(first.service.readiness()).toEqual({ ready: true, detail: 'follows overseer-events' });
  expect(first.service.figures()).toEqual({ events: 2, warnings: 2, errors: 0 });
  await first.stop();
  await append([event('c')]);
  const second = start();
  await vi.waitFor(() => expect(messages(second.lines)).toEqual(['c']), 20_000);
  await second.stop();
});

test('it waits for a topic that is not there yet', async () => {
  const { lines, stop } = start();
  await vi.waitFor(async () => expect(await log.topics()).toEqual([TOPIC]), 20_000);
  await append([event('first')]);
  await vi.waitFor(() => expect(messages(lines)).toEqual(['first']), 20_000);
  await stop();
});

test('since: what was said from then on, and then it ends, without moving the group', async () => {
  const start0 = clock.now() - 600_000;
  await append(
    Array.from({ length: 1_200 }, (_, i) => event(String(i))),
    (i) => start0 + i * 10,
  );
  const { lines, run } = start({ since: start0 + 3_000 });
  await run;
  expect(messages(lines)).toEqual(Array.from({ length: 900 }, (_, i) => String(i + 300)));
  expect(await log.committed('pulse-overseer')).toEqual([]);
});

test('since and follow: it goes on with what comes', async () => {
  await append([event('old')]);
  const { lines, stop } = start({ since: clock.now() - 60_000, follow: true });
  await vi.waitFor(() => expect(messages(lines)).toEqual(['old']), 20_000);
  await append([event('new')]);
  await vi.waitFor(() => expect(messages(lines)).toEqual(['old', 'new']), 20_000);
  await stop();
});

test('grep chooses what is printed; everything is counted', async () => {
  await append([event('ticks'), event('bars'), Buffer.from('plain ticks')]);
  const { lines, metrics, run } = start({ since: 0, grep: /TICKS/i, format: 'pretty' });
  await run;
  expect(lines).toEqual([
    '10:02:11.204Z WARN  mirror gap.opened reason=disconnect ticks',
    expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3}Z INFO {2}unknown message plain ticks$/),
  ]);
  const text = await metrics.text();
  expect(text).toContain('pulse_overseer_events_total{service="mirror",level="warn",code="gap.opened"} 2');
  expect(text).toContain('pulse_overseer_events_total{service="unknown",level="info",code="other"} 1');
});

test('whoever writes to the topic cannot make the metrics grow without end', async () => {
  await append(Array.from({ length: 500 }, (_, i) => event('x', { service: `s${i}`, event: `made.up.${i}` })));
  const { metrics, run } = start({ since: 0 });
  await run;
  expect(
    (await metrics.text()).split('\n').filter((line) => line.startsWith('pulse_overseer_events_total{')),
  ).toHaveLength(201);
});

test.each<[string, string | null, Record<string, unknown>]>([
  [
    'an event of Pulse',
    event('m').toString(),
    {
      service: 'mirror',
      instance: 'desk-1',
      level: 'warn',
      event: 'gap.opened',
      message: 'm',
      data: { reason: 'disconnect' },
    },
  ],
  ['a line of text', 'hello\n', { service: 'unknown', level: 'info', event: 'message', message: 'hello', data: {} }],
  ['JSON that is cut off', '{"ts":', { service: 'unknown', event: 'message', message: '{"ts":' }],
  ['JSON that is no object', '[1,2]', { message: '[1,2]' }],
  ['nothing', null, { message: '' }],
  [
    'an event of another program',
    '{"level":"CRITICAL","msg":"down","code":"x.y","host":"a","data":7,"ts":1751364131}',
    { ts: '2025-07-01T10:02:11.000Z', level: 'error', event: 'x.y', message: 'down', data: { data: 7, host: 'a' } },
  ],
  ['a level that every object has', '{"level":"constructor","message":"m"}', { level: 'info', message: 'm' }],
  ['a level that is no text', '{"level":{"toString":1},"message":"m"}', { level: 'info', message: 'm' }],
  ['an impossible time', '{"ts":1e300,"message":"m"}', { ts: '1970-01-01T00:00:00.005Z', message: 'm' }],
])('reads %s', (_, text, expected) => {
  expect(readEvent(text === null ? null : Buffer.from(text), 5)).toMatchObject(expected);
});

test('an event from elsewhere cannot command the terminal', async () => {
  await append([Buffer.from('\x1b]0;title\x07\x1b[2Jhello\r\nworld')]);
  const { lines, run } = start({ since: 0, format: 'pretty', colour: true });
  await run;
  expect(lines[0]).toMatch(/message\x1b\[0m \]0;title\[2Jhello world$/);
});
