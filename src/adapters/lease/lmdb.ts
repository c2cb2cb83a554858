import type { Clock } from '../../ports/clock.ts';
import type { Lease } from '../../ports/lease.ts';
import { openLmdbFolder } from '../lmdb-folder.ts';
import { isRunning, ownMark, type ProcessMark } from '../running-process.ts';
import { acquired, currentOf, isHeldBy, type LeaseState, noLease, renewed } from './lease-state.ts';

interface Kept extends LeaseState {
  /** The process of the holder. */
  readonly by: ProcessMark | null;
}

/**
 * Leases in an LMDB folder at `path`. Epochs outlive the process; what it held does not: nobody waits for a holder whose process is gone.
 * Several processes may have it open.
 */
export function lmdbLease({ path, clock }: { path: string; clock: Clock }): Lease {
  const { root, checkOpen, change, close } = openLmdbFolder(path);
  const leases = root.openDB<Kept, string>({ name: 'leases', encoding: 'json' });
  const by = ownMark();

  function stateOf(name: string): LeaseState {
    const kept = leases.get(name);
    if (kept === undefined) return noLease;
    return kept.by === null || isRunning(kept.by) ? kept : { ...kept, held: null };
  }
  const keep = (name: string, state: LeaseState): void => leases.putSync(name, { ...state, by });

  return {
    acquire: (name, holder, terms) =>
      change(() => {
        const { state, answer } = acquired(stateOf(name), holder, terms, clock.now());
        if ('epoch' in answer) keep(name, state);
        return answer;
      }),
    renew: (name, holder, epoch, terms) =>
      change(() => {
        const state = renewed(stateOf(name), holder, epoch, terms, clock.now());
        if (state !== null) keep(name, state);
        return state !== null;
      }),
    release: (name, holder, epoch) =>
      change(() => {
        const state = stateOf(name);
        if (isHeldBy(state, holder, epoch, clock.now())) keep(name, { ...state, held: null });
      }),
    async current(name) {
      checkOpen();
      return currentOf(stateOf(name), clock.now());
    },
    ping: async () => checkOpen(),
    close,
  };
}
