import type { Acquired, HeldLease, LeaseNote, LeaseTerms } from '../../ports/lease.ts';

/** What is kept of a lease. */
export interface LeaseState {
  /** The newest epoch that was given. */
  readonly epoch: number;
  readonly held: Held | null;
  /** The last note, and when it was told (epoch milliseconds). */
  readonly note: { readonly text: string; readonly at: number } | null;
}

interface Held {
  readonly holder: string;
  /** Until when, in epoch milliseconds. */
  readonly until: number;
  readonly ttlMs: number;
}

export const noLease: LeaseState = { epoch: 0, held: null, note: null };

/**
 * The epoch after `known`: the time in milliseconds, or one more than what is known where that is later. So no epoch is given twice even where
 * the server forgot (FLUSHALL, an older snapshot), and its holder had not written anything yet by which the log would know it.
 */
export const nextEpoch = (known: number, now: number): number => Math.max(known, now - 1) + 1;

/** How long it is still held, in milliseconds; 0: it is not. After the clock was put back never for longer than it was taken for. */
const remaining = ({ held }: LeaseState, now: number): number =>
  held === null ? 0 : Math.max(0, Math.min(held.until - now, held.ttlMs));

const noteOf = ({ note }: LeaseState, now: number): LeaseNote | null =>
  note === null ? null : { text: note.text, ageMs: Math.max(0, now - note.at) };

/** Takes it, where it is free or this holder's; `now` in epoch milliseconds. */
export function acquired(
  state: LeaseState,
  holder: string,
  { ttlMs, floor }: LeaseTerms,
  now: number,
): { readonly state: LeaseState; readonly answer: Acquired } {
  const { held } = state;
  const expiresInMs = remaining(state, now);
  if (held !== null && expiresInMs > 0 && held.holder !== holder)
    return { state, answer: { heldBy: held.holder, note: noteOf(state, now), expiresInMs } };
  const epoch = nextEpoch(Math.max(state.epoch, floor), now);
  return {
    state: { ...state, epoch, held: { holder, until: now + ttlMs, ttlMs } },
    answer: { epoch, note: noteOf(state, now) },
  };
}

/** With it prolonged; null: it is not this holder's in this epoch. */
export function renewed(
  state: LeaseState,
  holder: string,
  epoch: number,
  { ttlMs, note }: { readonly ttlMs: number; readonly note: string | null },
  now: number,
): LeaseState | null {
  if (!isHeldBy(state, holder, epoch, now)) return null;
  const told = note === null ? state.note : { text: note, at: now };
  return { ...state, held: { holder, until: now + ttlMs, ttlMs }, note: told };
}

export const isHeldBy = (state: LeaseState, holder: string, epoch: number, now: number): boolean =>
  state.held?.holder === holder && state.epoch === epoch && remaining(state, now) > 0;

export function currentOf(state: LeaseState, now: number): HeldLease | null {
  const expiresInMs = remaining(state, now);
  return state.held === null || expiresInMs === 0
    ? null
    : { holder: state.held.holder, epoch: state.epoch, note: noteOf(state, now), expiresInMs };
}
