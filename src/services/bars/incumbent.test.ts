import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { lmdbEntryStream } from '../../adapters/entry-stream/lmdb.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { defaultBarOptions } from '../../domain/bar/bar-options.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import type { TapeTick, TickTape } from '../../ports/tick-tape.ts';
import { IncumbentBars } from './incumbent.ts';

const TEN = Date.UTC(2014, 4, 1, 10);
const clock = systemClock();

const tick = (seq: number, seconds: number): TapeTick => ({
  channel: 'ticks.EURUSD',
  symbol: 'EURUSD',
  payload: Buffer.from(JSON.stringify({ ts: TEN + seconds * 1_000, price: 1.1, volume: 1 })),
  hash: seq,
  receivedAt: TEN + seconds * 1_000,
  since: TEN + seconds * 1_000,
  instance: 'desk-1',
  seq,
  joinedAt: null,
});

/** A tape that gives these batches, and ends. */
function tapeOf(batches: readonly (readonly TapeTick[])[], onTaken: (count: number) => void): TickTape {
  const left = [...batches];
  return {
    run: async () => undefined,
    resume: async () => undefined,
    over: false,
    hold: async () => undefined,
    forget: async () => undefined,
    next: async () => [...(left.shift() ?? [])],
    taken: async (count) => onTaken(count),
    park: async () => false,
    subscribed: true,
    through: () => null,
    begin: null,
    waiting: { memory: 0, disk: 0 },
  };
}

async function run(
  streams: EntryStream,
  batches: readonly (readonly TapeTick[])[],
  onTaken: (count: number) => void = () => undefined,
): Promise<void> {
  const bars = new IncumbentBars(
    { tape: tapeOf(batches, onTaken), streams, clock, metrics: prometheusMetrics(), journal: recordingJournal() },
    { bars: defaultBarOptions, nonPositive: () => false, instance: 'run', streams: 'bars', keepBars: null, batch: 10 },
  );
  await bars.run(new AbortController().signal);
}

async function emptyStreams(): Promise<EntryStream> {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-incumbent-'));
  const streams = lmdbEntryStream({ path: folder, clock });
  onTestFinished(async () => {
    await streams.close();
    await rm(folder, { recursive: true });
  });
  return streams;
}

test('a tick leaves the tape only once a checkpoint has it', async () => {
  const streams = await emptyStreams();
  let noted = 0;
  const watched: EntryStream = {
    ...streams,
    async append(entries) {
      const ids = await streams.append(entries);
      for (const { stream, fields } of entries)
        if (stream === 'bars:checkpoint:EURUSD')
          noted = (JSON.parse(String(fields.j)) as { last: { seq: number } }).last.seq;
      return ids;
    },
  };
  let taken = 0;
  const seen: boolean[] = [];
  await run(watched, [[tick(1, 1)!, tick(2, 10)!], [tick(3, 20)!]], (count) => {
    taken += count;
    seen.push(taken <= noted);
  });
  expect({ taken, seen: new Set(seen) }).toEqual({ taken: 3, seen: new Set([true]) });
});

test('a tick that the tape gives again counts once, in one run and after a restart', async () => {
  const streams = await emptyStreams();
  const [first, second, third, next] = [tick(1, 1), tick(2, 10), tick(3, 20), tick(4, 63)];
  await run(streams, [[first!], [first!, second!]]);
  await run(streams, [[second!, third!, next!]]);
  const [bar] = await streams.range('bars:1m:EURUSD', '-', '+', 10);
  expect(bar!.fields.n!.toString()).toBe('3');
  expect(bar!.fields.volume!.toString()).toBe('3');
});
