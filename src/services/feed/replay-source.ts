import { shiftTime, timeOf } from '../../domain/tick/tick-envelope.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { paced, type TimedTick, tapePace } from './pace.ts';
import type { Shift, Speed } from './replay-options.ts';

export interface ReplayNeeds {
  /** A recorded file that gives its ticks as fast as they are taken. */
  readonly file: TickSource;
  readonly clock: Clock;
}

export interface ReplayOptions {
  readonly speed: Speed;
  /** Null leaves the payload bytes as they are. */
  readonly shift: Shift | null;
  /** Ticks of other symbols are left out, and not counted; absent: all are played. */
  readonly isWanted?: (symbol: string) => boolean;
}

/** Plays a recorded file at the given speed, its times moved where a shift is given. */
export function replaySource({ file, clock }: ReplayNeeds, { speed, shift, isWanted }: ReplayOptions): TickSource {
  let unwanted = 0;
  async function* wanted(signal: AbortSignal): AsyncGenerator<readonly SourceTick[]> {
    for await (const batch of file.batches(signal)) {
      const left = isWanted === undefined ? batch : batch.filter(({ symbol }) => isWanted(symbol));
      unwanted += batch.length - left.length;
      if (left.length > 0) yield left;
    }
  }
  async function* batches(signal: AbortSignal): AsyncGenerator<readonly SourceTick[]> {
    const recorded = shift === null ? wanted(signal) : shifted(wanted(signal), shift);
    if (speed === 'max') yield* recorded;
    else yield* paced(timed(recorded), tapePace(clock, speed), clock, signal);
  }
  return {
    name: 'replay',
    batches,
    get counts() {
      // What a file has read may be more than was given on so far: those left out are counted as they are.
      return { ...file.counts, ticks: file.counts.ticks - unwanted };
    },
    get share() {
      return file.share;
    },
    waitsFor: null,
  };
}

async function* timed(batches: AsyncIterable<readonly SourceTick[]>): AsyncGenerator<readonly TimedTick[]> {
  for await (const batch of batches)
    yield batch.map(({ symbol, payload }) => ({ symbol, payload, tsMs: timeOf(payload) }));
}

async function* shifted(
  batches: AsyncIterable<readonly SourceTick[]>,
  shift: Shift,
): AsyncGenerator<readonly SourceTick[]> {
  let by = 'by' in shift ? shift.by : null;
  const move = ({ symbol, payload }: SourceTick): SourceTick => {
    if (by === null && 'firstAt' in shift) {
      const first = timeOf(payload);
      // Payloads before the first readable time have none to move.
      if (first === null) return { symbol, payload };
      by = Math.round(shift.firstAt - first);
    }
    return { symbol, payload: shiftTime(payload, by ?? 0) };
  };
  for await (const batch of batches) yield batch.map(move);
}
