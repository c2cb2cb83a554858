import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { openTickFile } from '../../adapters/tick-file/tick-file.ts';
import { timeOf } from '../../domain/tick/tick-envelope.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { replaySource } from './replay-source.ts';
import { stdinSource } from './stdin-source.ts';
import { syntheticSource } from './synthetic-source.ts';

const NOW = Date.UTC(2025, 0, 15, 14);
const never = new AbortController().signal;

async function all(source: TickSource, signal = never): Promise<SourceTick[]> {
  const ticks: SourceTick[] = [];
  for await (const batch of source.batches(signal)) ticks.push(...batch);
  return ticks;
}
const texts = (ticks: readonly SourceTick[]): string[] => ticks.map(({ payload }) => payload.toString());

describe('replay', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pulse-replay-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const LINES = [
    '{"symbol":"EURUSD", "ts":1398920401.787,"bid":1.10}',
    '{"symbol":"EURUSD","bid":1.2}',
    '{"symbol":"EURUSD","ts":1398920461.787,"bid":1.30}',
  ];
  const opened = async () => {
    const path = join(dir, 'tape.ndjson');
    await writeFile(path, `${LINES.join('\n')}\n`);
    return openTickFile(path);
  };

  test('without a shift it passes the bytes on', async () => {
    const source = replaySource({ file: await opened(), clock: steppingClock(NOW) }, { speed: 'max', shift: null });
    expect(texts(await all(source))).toEqual(LINES);
    expect(source.counts.ticks).toBe(3);
    expect(source.share).toBe(1);
  });

  test('with a speed it takes the time of the tape', async () => {
    const clock = steppingClock(NOW);
    expect(texts(await all(replaySource({ file: await opened(), clock }, { speed: 60, shift: null })))).toEqual(LINES);
    expect(clock.monotonic()).toBe(1_000);
  });

  test('shifted so that the first tick is now, everything else is as far from it as before', async () => {
    const source = replaySource(
      { file: await opened(), clock: steppingClock(NOW) },
      { speed: 'max', shift: { firstAt: NOW } },
    );
    const ticks = await all(source);
    expect(ticks.map(({ payload }) => timeOf(payload))).toEqual([NOW, null, NOW + 60_000]);
    expect(texts(ticks)[1]).toBe(LINES[1]);
  });

  test('shifted by a duration', async () => {
    const ticks = await all(
      replaySource({ file: await opened(), clock: steppingClock(NOW) }, { speed: 'max', shift: { by: -787 } }),
    );
    expect(texts(ticks)[0]).toBe('{"symbol":"EURUSD", "ts":1398920401.000,"bid":1.10}');
  });
});

describe('synthetic', () => {
  const needs = (clock = steppingClock(NOW)) => ({ clock, random: seededRandom(7) });

  test('live, each tick comes within a quarter of a second after it happens', async () => {
    const clock = steppingClock(NOW);
    const stop = new AbortController();
    let count = 0;
    for await (const batch of syntheticSource(needs(clock), { symbols: null, past: null }).batches(stop.signal)) {
      for (const { payload } of batch) {
        expect(timeOf(payload)).toBeLessThanOrEqual(clock.now());
        expect(timeOf(payload)).toBeGreaterThan(clock.now() - 260);
      }
      count += batch.length;
      if (clock.now() > NOW + 150_000) stop.abort();
    }
    expect(count).toBeGreaterThan(100);
  });

  test('a stretch of the past at full speed is the same market as live', async () => {
    const past = { from: NOW, to: NOW + 120_000, speed: 'max' as const };
    const source = syntheticSource(needs(), { symbols: ['BTCUSDT'], past });
    const made = texts(await all(source));
    expect(source.counts.ticks).toBe(made.length);
    expect(source.share).toBeGreaterThan(0.9);
    const clock = steppingClock(NOW);
    const stop = new AbortController();
    const live: string[] = [];
    for await (const batch of syntheticSource(needs(clock), { symbols: ['BTCUSDT'], past: null }).batches(
      stop.signal,
    )) {
      live.push(...texts(batch));
      if (live.length >= made.length) stop.abort();
    }
    expect(live).toEqual(made);
  });
});

describe('stdin', () => {
  test('lines become ticks as they come, bad ones are counted, and the end is the end', async () => {
    const input = new PassThrough();
    const source = stdinSource({ input }, { symbol: null });
    const batches = source.batches(never)[Symbol.asyncIterator]();
    input.write('{"symbol":"EURUSD","ts":1}\nnonsense\n{"symbol":"EU');
    expect(texts((await batches.next()).value)).toEqual(['{"symbol":"EURUSD","ts":1}']);
    input.end('RUSD","ts":2}\n\n{"ts":3}\n{"symbol":"GBPUSD"}');
    const rest: string[] = [];
    for (let next = await batches.next(); !next.done; next = await batches.next()) rest.push(...texts(next.value));
    expect(rest).toEqual(['{"symbol":"EURUSD","ts":2}', '{"symbol":"GBPUSD"}']);
    expect(source.counts).toMatchObject({ ticks: 3, examples: [{ place: 'stdin:2' }, { place: 'stdin:5' }] });
  });

  test('does not wait for a silent writer when told to end', async () => {
    const stop = new AbortController();
    const reading = all(stdinSource({ input: new PassThrough() }, { symbol: 'EURUSD' }), stop.signal);
    stop.abort();
    expect(await reading).toEqual([]);
  });
});
