import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EntryStream } from '../../ports/entry-stream.ts';
import { type BackFilled, type BackFillNeeds, type BackFillOptions, backFill } from './back-fill.ts';
import type { FilledTick, GapEdges } from './gap-edges.ts';
import type { TapeGap } from './tape-gap.ts';

/** Filled ticks that may wait to be taken. */
const LANE = 20_000;
const SETTLE_MS = 300;
const GIVE_UP_MS = 30_000;
const RETRY_MS = 500;

export interface TapeFillerNeeds extends Pick<BackFillNeeds, 'receivedThrough' | 'refused'> {
  /** Where the publisher also writes streams; null: gaps stay open. */
  readonly streams: EntryStream | null;
  readonly clock: Clock;
  /** Called with each tick that fills a gap. */
  readonly onFilled: (tick: FilledTick, gap: TapeGap) => void;
  /** Called when there may be more to give out. */
  readonly onNews: () => void;
  /** Called with the id of a stream entry that belongs to no symbol. */
  readonly onAnonymous: (id: string) => void;
  /** Ends the filling: a gap that is not filled by then is filled by whoever goes on. */
  readonly signal: AbortSignal;
}

/** Fills gaps one after the other: where one ends the next goes on. */
export class TapeFiller {
  readonly #needs: TapeFillerNeeds;
  readonly #options: BackFillOptions;
  #work: Promise<void> = Promise.resolve();
  /** Why the last back-fill failed; null when it did not. */
  failure: unknown = null;

  constructor(needs: TapeFillerNeeds, options: Omit<BackFillOptions, 'settleMs'>) {
    this.#needs = needs;
    this.#options = { ...options, settleMs: SETTLE_MS };
  }

  /** Fills a gap after which everything is received again. */
  add(gap: TapeGap): void {
    this.#work = this.#work.then(() => this.#fill(gap));
  }

  async #fill(gap: TapeGap): Promise<void> {
    const { streams, signal, onAnonymous, onNews } = this.#needs;
    if (signal.aborted) return;
    const edges = gap.beginFilling();
    const found = streams === null || edges === null ? null : await this.#read(streams, gap, edges);
    if (signal.aborted) return;
    if (found?.anonymous != null) onAnonymous(found.anonymous);
    gap.endFilling(found);
    onNews();
  }

  /** Null where the streams could not be read to the end. */
  async #read(streams: EntryStream, gap: TapeGap, edges: GapEdges): Promise<BackFilled | null> {
    const { clock, receivedThrough, refused, signal } = this.#needs;
    const needs = {
      streams,
      clock,
      receivedThrough,
      refused,
      signal,
      give: (ticks: readonly FilledTick[]) => this.#take(gap, ticks),
    };
    const begun = clock.monotonic();
    while (!signal.aborted) {
      try {
        return await backFill(needs, edges, this.#options);
      } catch (error) {
        this.failure = error;
        const retry = error instanceof PulseError && error.retry;
        // What was given stands: a second reading would double it, so the gap stays open.
        if (!retry || gap.filled > 0 || clock.monotonic() - begun > GIVE_UP_MS) return null;
        await clock.sleep(RETRY_MS, signal);
      }
    }
    return null;
  }

  async #take(gap: TapeGap, ticks: readonly FilledTick[]): Promise<void> {
    const { clock, onFilled, onNews, signal } = this.#needs;
    for (const tick of ticks) {
      gap.fill(tick);
      onFilled(tick, gap);
    }
    onNews();
    while (gap.inLane > LANE && !signal.aborted) await clock.sleep(5, signal);
  }
}
