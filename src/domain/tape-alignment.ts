/** How many payloads a tail remembers: enough that a match is no accident, few enough to cost nothing. */
export const TAIL = 64;
/** So many payloads in a row are no accident. */
export const SURE = 8;

/** A hash of a payload's bytes, as a safe integer. Only ever compared with others of a short stretch of the same tape. */
export function payloadHash(payload: Buffer): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < payload.length; i += 1) {
    const c = payload[i]!;
    h1 = Math.imul(h1 ^ c, 2654435761);
    h2 = Math.imul(h2 ^ c, 1597334677);
  }
  h1 ^= h1 >>> 15;
  h2 ^= h2 >>> 13;
  return (h2 & 0x1fffff) * 4294967296 + (h1 >>> 0);
}

/** The hashes of the last payloads of a symbol's tape, oldest first. */
export class TapeTail {
  #hashes: number[];

  constructor(hashes: readonly number[] = []) {
    this.#hashes = hashes.slice(-TAIL);
  }

  push(hash: number): void {
    this.#hashes.push(hash);
    // Trimming now and then is cheaper than a ring, and keeps the order plain.
    if (this.#hashes.length >= 4 * TAIL) this.#hashes = this.#hashes.slice(-TAIL);
  }

  hashes(): number[] {
    return this.#hashes.slice(-TAIL);
  }
}

/**
 * Where a recorded stretch goes on from a tail: the index after the place in `recorded` that best matches the end of `tail`.
 * Null where nothing matches well enough to be sure, or several places match equally well. `possible` rules out places that
 * something else than payloads, such as a time, speaks against. An empty tail matches before the first entry.
 */
export function resumeIndex(
  recorded: readonly number[],
  tail: readonly number[],
  possible: (index: number) => boolean = () => true,
): number | null {
  if (tail.length === 0) return 0;
  const [best, ...others] = resumePlaces(recorded, tail, possible);
  if (best === undefined) return null;
  // Equal payloads in a row: any of the places may be the one. Where the stretch begins within such a row, fewer may stand before it, too.
  const within = best.matched === best.index;
  const unclear = others.some(({ index, matched }) => matched === best.matched || (within && index === best.index - 1));
  return unclear ? null : best.index;
}

/** Every place where a recorded stretch may go on from a tail: how much of the tail stands before it; the best first, of equal ones the last. */
export function resumePlaces(
  recorded: readonly number[],
  tail: readonly number[],
  possible: (index: number) => boolean = () => true,
): { readonly index: number; readonly matched: number }[] {
  const enough = Math.min(tail.length, SURE);
  const places: { index: number; matched: number }[] = [];
  for (let index = recorded.length; index > 0; index -= 1) {
    const matched = matchBackwards(recorded, index, tail);
    // A stretch that starts within the tail can match no more than it holds.
    const sure = matched >= enough || (matched === index && matched > 0 && index < enough);
    if (sure && possible(index)) places.push({ index, matched });
  }
  return places.sort((a, b) => b.matched - a.matched || b.index - a.index);
}

function matchBackwards(recorded: readonly number[], end: number, tail: readonly number[]): number {
  let matched = 0;
  while (matched < tail.length && matched < end && recorded[end - 1 - matched] === tail[tail.length - 1 - matched])
    matched += 1;
  return matched;
}

/**
 * Where a recorded stretch runs into what was received live: the index from which `recorded` and `live` agree for as long as both
 * last. Null where they do not meet, or may meet in several `possible` places equally well. `recorded.length` where `live` is empty.
 */
export function overlapIndex(
  recorded: readonly number[],
  live: readonly number[],
  possible: (index: number) => boolean = () => true,
): number | null {
  if (live.length === 0) return recorded.length;
  let best: number | null = null;
  let length = 0;
  for (let at = recorded.length - 1; at >= 0; at -= 1) {
    const most = Math.min(live.length, recorded.length - at);
    // One that agrees for longer beats a chance match at the very end.
    if (most < length || !agree(recorded, at, live, most) || !possible(at)) continue;
    best = most === length ? null : at;
    length = most;
  }
  return best;
}

function agree(recorded: readonly number[], at: number, live: readonly number[], length: number): boolean {
  for (let i = 0; i < length; i += 1) if (recorded[at + i] !== live[i]) return false;
  return true;
}
