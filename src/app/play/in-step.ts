import type { Clock } from '../../ports/clock.ts';
import type { TickSource } from '../../ports/tick-source.ts';

const LOOK_MS = 5;
/** For how long nothing may move before no more is waited for: some ticks arrive nowhere. */
const STILL_MS = 1_000;

/**
 * A source of which no more than `most` ticks are on their way at once: they wait in memory. `arrived`: how many of them the slowest part of the
 * path has taken.
 */
export function inStep(source: TickSource, arrived: () => number, clock: Clock, most: number): TickSource {
  async function room(given: number, signal: AbortSignal): Promise<void> {
    let last = -1;
    let since = clock.monotonic();
    for (;;) {
      const now = arrived();
      if (given - now < most || signal.aborted) return;
      if (now !== last) since = clock.monotonic();
      else if (clock.monotonic() - since > STILL_MS) return;
      last = now;
      await clock.sleep(LOOK_MS, signal);
    }
  }
  return {
    name: source.name,
    async *batches(signal) {
      for await (const batch of source.batches(signal)) {
        yield batch;
        await room(source.counts.ticks, signal);
      }
    },
    get counts() {
      return source.counts;
    },
    get share() {
      return source.share;
    },
    get waitsFor() {
      return source.waitsFor;
    },
  };
}
