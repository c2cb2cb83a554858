import { setImmediate as nextTurn } from 'node:timers/promises'; // ambient-ok: gives way to timers and sockets, no time passes

/** So many small entries are read within some milliseconds. */
const MOST = 2_000;

/**
 * Lets timers and sockets have their turns. What an embedded engine reads is there at once: whoever reads page after page would else hold
 * up everything else in the process, such as the renewal of a lease.
 */
export class GiveWay {
  #read = 0;

  /** To be awaited after so many entries were read. */
  async after(count: number): Promise<void> {
    this.#read += count;
    if (this.#read < MOST) return;
    this.#read = 0;
    await nextTurn();
  }
}
