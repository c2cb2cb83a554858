import type { TapeTick, TickTape } from '../../ports/tick-tape.ts';

/** Ticks that the tape gave, and that are on their way into the log. */
interface Batch {
  readonly ticks: readonly TapeTick[];
  state: 'going' | 'brought';
}

/** Batches that are on their way at once. The tape hears of each when it and all before it are in the log, for it frees the oldest first. */
export class UnderWay {
  readonly #tape: TickTape;
  readonly #onBrought: (ticks: readonly TapeTick[]) => void;
  readonly #onFailed: () => void;
  readonly #batches: Batch[] = [];
  #ticks = 0;
  #failed = false;
  #failure: { readonly error: unknown } | null = null;
  /** Serialises what the tape is told. */
  #telling: Promise<void> = Promise.resolve();
  #stirred = Promise.withResolvers<void>();

  /** `onBrought` is told of each that is in the log, `onFailed` once, when one could not be brought. */
  constructor(tape: TickTape, onBrought: (ticks: readonly TapeTick[]) => void, onFailed: () => void) {
    this.#tape = tape;
    this.#onBrought = onBrought;
    this.#onFailed = onFailed;
  }

  /** `brought` resolves with whether all of them are in the log. */
  add(ticks: readonly TapeTick[], brought: Promise<boolean>): void {
    const batch: Batch = { ticks, state: 'going' };
    this.#batches.push(batch);
    this.#ticks += ticks.length;
    void brought // detached: `#fail` tells whoever waits in `atMost`
      .then(async (done) => {
        if (!done) return this.#fail(null);
        batch.state = 'brought';
        this.#onBrought(ticks);
        this.#telling = this.#telling.then(() => this.#tellTape());
        await this.#telling;
        this.#stir();
      })
      .catch((error: unknown) => this.#fail({ error }));
  }

  /** Resolves with true once at most so many ticks are on their way; with false when some could not be brought. Rejects with what that failed for, where that is no log that is away. */
  async atMost(ticks: number): Promise<boolean> {
    while (!this.#failed && this.#ticks > ticks) await this.#stirred.promise;
    if (this.#failure !== null) throw this.#failure.error;
    return !this.#failed;
  }

  /** The tape hears of nothing more: what it gives from now on is given anew. */
  async end(): Promise<void> {
    this.#failed = true;
    await this.#telling.catch(() => undefined);
  }

  async #tellTape(): Promise<void> {
    while (!this.#failed && this.#batches[0]?.state === 'brought') {
      const { ticks } = this.#batches.shift()!;
      await this.#tape.taken(ticks.length);
      this.#ticks -= ticks.length;
    }
  }

  #fail(failure: { readonly error: unknown } | null): void {
    this.#failure ??= failure;
    if (this.#failed) return;
    this.#failed = true;
    this.#stir();
    this.#onFailed();
  }

  #stir(): void {
    this.#stirred.resolve();
    this.#stirred = Promise.withResolvers();
  }
}
