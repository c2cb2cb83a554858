import { PulseError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import { backFill, type FilledTick } from './back-fill.ts';
import type { TapeGap } from './tape-gap.ts';

/** Filled ticks that may wait to be taken. */
const LANE = 20_000;
const SETTLE_MS = 300;
const GIVE_UP_MS = 30_000;

export interface TapeFillerNeeds {
  /** Where the publisher also writes streams; null: gaps stay open. */
  readonly streams: EntryStream | null;
  readonly clock: Clock;
  /** Called with each tick that fills a gap. */
  readonly onFilled: (tick: FilledTick, gap: TapeGap) => void;
  /** Called when there may be more to give out. */
  readonly onNews: () => void;
}

/** Fills gaps one after the other: where one ends the next goes on. */
export class TapeFiller {
  readonly #needs: TapeFillerNeeds;
  readonly #options: { readonly prefix: string; readonly marginMs: number; readonly settleMs: number };
  readonly #signal: AbortSignal;
  #work: Promise<void> = Promise.resolve();
  /** Why the last back-fill failed; null when it did not. */
  failure: unknown = null;

  /** `signal` ends it: a gap that is not filled by then is filled by the next run. */
  constructor(needs: TapeFillerNeeds, options: { prefix: string; marginMs: number }, signal: AbortSignal) {
    this.#needs = needs;
    this.#options = { ...options, settleMs: SETTLE_MS };
    this.#signal = signal;
  }

  /** Fills a gap after which everything is received again since `to`. */
  add(gap: TapeGap, to: number): void {
    this.#work = this.#work.then(() => this.#fill(gap, to));
  }

  async #fill(gap: TapeGap, to: number): Promise<void> {
    const { streams, clock, onNews } = this.#needs;
    const context = gap.context(to);
    const give = (ticks: readonly FilledTick[]): Promise<void> => this.#take(gap, ticks);
    const begun = clock.now();
    while (streams !== null && !this.#signal.aborted) {
      try {
        for (const name of await backFill(streams, context, clock, this.#options, give, this.#signal))
          gap.whole.add(name);
        break;
      } catch (error) {
        // What was given stands: a second reading would double it, so the gap stays open.
        if (!(error instanceof PulseError && error.retry) || gap.filled > 0 || clock.now() - begun > GIVE_UP_MS) {
          this.failure = error;
          break;
        }
        await clock.sleep(500, this.#signal);
      }
    }
    if (this.#signal.aborted) return;
    gap.done = true;
    onNews();
  }

  async #take(gap: TapeGap, ticks: readonly FilledTick[]): Promise<void> {
    for (const tick of ticks) {
      gap.fill(tick);
      this.#needs.onFilled(tick, gap);
    }
    this.#needs.onNews();
    while (gap.lane.length > LANE && !this.#signal.aborted) await this.#needs.clock.sleep(5, this.#signal);
  }
}
