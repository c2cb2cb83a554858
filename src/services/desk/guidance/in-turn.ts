import type { Clock } from '../../../ports/clock.ts';

/**
 * Lets through one caller after another, with a turn of the event loop between them: what each does next without waiting holds up nobody for
 * longer than itself. Without it hundreds of requests whose data came at the same moment would be worked off in one go.
 */
export function inTurn(clock: Clock): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => clock.sleep(0));
    return last;
  };
}
