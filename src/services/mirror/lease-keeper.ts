import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Lease, LeaseNote } from '../../ports/lease.ts';

export interface LeaseOptions {
  /** What mirrors of the same ticks to the same log share. */
  readonly leaseName: string;
  /** How long the lease lasts unless it is prolonged, in milliseconds. */
  readonly leaseTtlMs: number;
}

/** One holding of the lease. */
export interface Tenure {
  readonly epoch: number;
  /** What the holder before told last. */
  readonly before: HolderNote | null;
  /** Aborts when the lease is lost, or given up. */
  readonly over: AbortSignal;
  /** Whether it is still held, for certain, at this moment: a process that stood still is told of the loss only later. */
  holds(): boolean;
}

/** What the holder tells whoever may take over. */
export interface HolderNote {
  /** Everything published before this moment (epoch milliseconds of the reader's clock) is in the log, or in a gap of which it was told all. */
  readonly through: number;
}

export interface LeaseWatch {
  /** Somebody else holds it, and told this last. */
  waits(heldBy: string, note: HolderNote | null): void | Promise<void>;
  /** The server of the lease does not answer. */
  unreachable(error: PulseError): void;
}

/** How often whoever stands by asks for the lease. */
const ASK_MS = 250;
const RELEASE_MS = 1_000;

/** Takes the lease, keeps it, and knows when it is over. */
export class LeaseKeeper {
  readonly #lease: Lease;
  readonly #clock: Clock;
  readonly #holder: string;
  readonly #options: LeaseOptions;
  /** What is told with each renewal: through when everything is in the log (epoch milliseconds). */
  readonly #through: () => number | null;
  #tenure: { readonly epoch: number; readonly over: AbortController; until: number } | null = null;

  constructor(lease: Lease, clock: Clock, holder: string, options: LeaseOptions, through: () => number | null) {
    this.#lease = lease;
    this.#clock = clock;
    this.#holder = holder;
    this.#options = options;
    this.#through = through;
  }

  /** Resolves once it holds the lease, with an epoch above `floor`; null when `signal` aborted before. Rejects with `redis.refused`. */
  async take(floor: number, watch: LeaseWatch, signal: AbortSignal): Promise<Tenure | null> {
    const { leaseName, leaseTtlMs } = this.#options;
    // A lease that is deleted takes its note with it; what that said stays true.
    let known: HolderNote | null = null;
    while (!signal.aborted) {
      const askedAt = this.#clock.monotonic();
      try {
        const answer = await this.#lease.acquire(leaseName, this.#holder, { ttlMs: leaseTtlMs, floor });
        known = this.#read(answer.note) ?? known;
        if ('epoch' in answer) return this.#begin(answer.epoch, askedAt, known);
        await watch.waits(answer.heldBy, known);
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        watch.unreachable(error);
      }
      await this.#clock.sleep(ASK_MS, signal);
    }
    return null;
  }

  #begin(epoch: number, askedAt: number, before: HolderNote | null): Tenure {
    this.#tenure?.over.abort();
    const over = new AbortController();
    const tenure = { epoch, over, until: askedAt + this.#options.leaseTtlMs };
    this.#tenure = tenure;
    const clock = this.#clock;
    const third = this.#options.leaseTtlMs / 3;
    clock.every(third, () => this.#renew(tenure), over.signal);
    // An answer that does not come must not make it hold for longer.
    clock.every(third / 3, () => this.#look(tenure), over.signal);
    return {
      epoch,
      before,
      over: over.signal,
      holds: () => {
        this.#look(tenure);
        return !over.signal.aborted;
      },
    };
  }

  #look({ over, until }: { over: AbortController; until: number }): void {
    if (this.#clock.monotonic() >= until) over.abort();
  }

  async #renew(tenure: { epoch: number; over: AbortController; until: number }): Promise<void> {
    const { leaseName, leaseTtlMs } = this.#options;
    const askedAt = this.#clock.monotonic();
    const through = this.#through();
    // As an age: the clocks of two machines differ.
    const note = through === null ? null : JSON.stringify({ ageMs: this.#clock.now() - through });
    try {
      const kept = await this.#lease.renew(leaseName, this.#holder, tenure.epoch, { ttlMs: leaseTtlMs, note });
      if (kept) tenure.until = Math.max(tenure.until, askedAt + leaseTtlMs);
      else tenure.over.abort();
    } catch (error) {
      // One that may do it no more is told why when it asks for the lease anew. Else it holds until its time is over, and asks again before that.
      if (!(error instanceof PulseError && error.retry)) tenure.over.abort();
    }
  }

  #read(note: LeaseNote | null): HolderNote | null {
    if (note === null) return null;
    try {
      const { ageMs } = JSON.parse(note.text) as { ageMs?: unknown };
      return typeof ageMs === 'number' ? { through: this.#clock.now() - note.ageMs - ageMs } : null;
    } catch {
      // Not a mirror's: then nothing is known of the one before.
      return null;
    }
  }

  /** Gives it up, telling the last note first. */
  async release(): Promise<void> {
    const tenure = this.#tenure;
    this.#tenure = null;
    if (tenure === null || tenure.over.signal.aborted) return;
    const released = this.#renew(tenure)
      .then(() => this.#lease.release(this.#options.leaseName, this.#holder, tenure.epoch))
      // A server that is away lets it run out.
      .catch(() => undefined);
    await Promise.race([released, this.#clock.sleep(RELEASE_MS)]);
    tenure.over.abort();
  }
}
