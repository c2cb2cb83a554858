/** How a lease is taken. */
export interface LeaseTerms {
  /** How long it lasts unless it is prolonged, in milliseconds. */
  readonly ttlMs: number;
  /** The epoch will be greater than this one: the newest that the log has seen, should the server have lost its memory. */
  readonly floor: number;
}

/** What a holder told last, for whoever waits or follows. It outlives the lease. */
export interface LeaseNote {
  readonly text: string;
  /** How long ago it was told, in milliseconds of the server's clock. */
  readonly ageMs: number;
}

/** Who holds a lease. */
export interface HeldLease {
  readonly holder: string;
  readonly epoch: number;
  readonly note: LeaseNote | null;
  /** When it ends unless it is prolonged, in milliseconds from now. */
  readonly expiresInMs: number;
}

/** What came of taking a lease. */
export type Acquired =
  | { readonly epoch: number; readonly note: LeaseNote | null }
  | { readonly heldBy: string; readonly note: LeaseNote | null; readonly expiresInMs: number };

/**
 * Says who may write: at any time one holder, fenced by an epoch that rises with each new holder.
 *
 * Time is the server's. A holder counts its own time by a clock that never goes back, from the moment before it *asked*: an answer may
 * take long to come. Once `ttlMs` of that time are over it stops writing, whatever it was told; so a jump of its wall clock does nothing.
 * What it had under way by then may still arrive: readers tell it by its epoch (`domain/tape/epoch-filter.ts`), and that, not the lease, is what
 * keeps the log right where a holder was paused or a server forgot who holds it.
 *
 * Every call rejects with `redis.unavailable` (retry; it may have been carried out) or `redis.refused` (a permission is missing).
 */
export interface Lease {
  /** Takes the lease `name` for `holder` where nobody holds it, or `holder` does already: then too with a new epoch. Else tells who does. */
  acquire(name: string, holder: string, terms: LeaseTerms): Promise<Acquired>;
  /**
   * Prolongs it to `ttlMs` from now, with a short note for whoever waits or follows (null: the last one stays). False: it ended, or is somebody else's; then the holder must stop
   * writing, and acquire it anew.
   */
  renew(
    name: string,
    holder: string,
    epoch: number,
    terms: { readonly ttlMs: number; readonly note: string | null },
  ): Promise<boolean>;
  /** Gives it up at once, so that nobody need wait for its end. Does nothing where it is not this holder's in this epoch. */
  release(name: string, holder: string, epoch: number): Promise<void>;
  /** Who holds it now; null: nobody. */
  current(name: string): Promise<HeldLease | null>;
  /** Resolves when the server answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
