import type { Clock } from '../../ports/clock.ts';
import type { SourceTick } from '../../ports/tick-source.ts';

/** A tick and its event time in epoch milliseconds; null where that cannot be read: it goes with the one before. */
export interface TimedTick extends SourceTick {
  readonly tsMs: number | null;
}

/** How event time goes on while the feed runs. */
export interface Pace {
  /** The event time reached by now, in epoch milliseconds; asked first for the tick with which it begins. */
  reached(firstTs: number): number;
  /** Event time that passes in a unit of time. */
  readonly speed: number;
  /** What is due within so many milliseconds comes together: each batch has a cost of its own, on every engine that it goes through. */
  readonly togetherMs: number;
}

/** Long waits are cut into pieces that timers can hold. */
const LONGEST_WAIT = 3_600_000;

/** Of a market that somebody watches: a quarter of a second is no delay to the eye. */
const LIVE_TOGETHER_MS = 250;

/** Event time is the time of day: for a market that is made as it happens. */
export const livePace = (clock: Clock): Pace => ({
  reached: () => clock.now(),
  speed: 1,
  togetherMs: LIVE_TOGETHER_MS,
});

/** Event time begins with the first tick and runs `speed` times as fast as the clock. */
export function tapePace(clock: Clock, speed: number): Pace {
  let begun: { at: number; ts: number } | null = null;
  return {
    speed,
    togetherMs: 0,
    reached(firstTs) {
      begun ??= { at: clock.monotonic(), ts: firstTs };
      return begun.ts + (clock.monotonic() - begun.at) * speed;
    },
  };
}

/** Gives each tick when it is due, in the order they came; ticks that are due together come together. Ends soon after `signal` aborts. */
export async function* paced<T extends TimedTick>(
  batches: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  pace: Pace,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  // A tick that stands behind a later one is due with it.
  let due = Number.NEGATIVE_INFINITY;
  for await (const batch of batches) {
    let from = 0;
    for (let i = 0; i < batch.length; i += 1) {
      due = Math.max(due, batch[i]!.tsMs ?? due);
      if (due === Number.NEGATIVE_INFINITY) continue;
      for (let ahead = due - pace.reached(due); ahead > 0; ahead = due - pace.reached(due)) {
        if (i > from) yield batch.slice(from, i);
        from = i;
        await clock.sleep(Math.min(LONGEST_WAIT, Math.max(pace.togetherMs, Math.ceil(ahead / pace.speed))), signal);
        if (signal.aborted) return;
      }
    }
    if (from < batch.length) yield batch.slice(from);
    if (signal.aborted) return;
  }
}
