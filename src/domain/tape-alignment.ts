/** How many payloads a tail remembers: enough that a match is no accident, few enough to cost nothing. */
export const TAIL = 64;

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

/** One tail out of two stretches of a tape, the second of which may begin within the first. */
export function joinTails(first: readonly number[], second: readonly number[]): number[] {
  for (let shared = Math.min(first.length, second.length); shared > 0; shared -= 1)
    if (second.slice(0, shared).every((hash, i) => hash === first[first.length - shared + i]))
      return [...first, ...second.slice(shared)];
  return [...first, ...second];
}

/**
 * Where a recorded stretch goes on from a tail: the index after the place in `recorded` that best matches the end of `tail`.
 * Null where nothing matches well enough to be sure. An empty tail matches before the first entry.
 */
export function resumeIndex(recorded: readonly number[], tail: readonly number[]): number | null {
  if (tail.length === 0) return 0;
  const enough = Math.min(tail.length, 8);
  let best: number | null = null;
  let length = 0;
  for (let end = recorded.length; end > 0; end -= 1) {
    const matched = matchBackwards(recorded, end, tail);
    // A stretch that starts within the tail can match no more than it holds.
    const sure = matched >= enough || (matched === end && matched > 0 && end < enough);
    if (sure && matched > length) {
      best = end;
      length = matched;
    }
  }
  return best;
}

function matchBackwards(recorded: readonly number[], end: number, tail: readonly number[]): number {
  let matched = 0;
  while (matched < tail.length && matched < end && recorded[end - 1 - matched] === tail[tail.length - 1 - matched])
    matched += 1;
  return matched;
}

/**
 * Where a recorded stretch runs into what was received live: the last index at or after `from` at which `recorded` and `live` agree
 * for as long as both last. `recorded.length` where `live` is empty or begins after the stretch; null where they do not meet.
 */
export function overlapIndex(recorded: readonly number[], from: number, live: readonly number[]): number | null {
  if (live.length === 0) return recorded.length;
  for (let at = recorded.length - 1; at >= from; at -= 1) {
    const length = Math.min(live.length, recorded.length - at);
    let same = 0;
    while (same < length && recorded[at + same] === live[same]) same += 1;
    if (same === length) return bestOverlap(recorded, from, at, live);
  }
  return null;
}

/** Prefers the overlap that explains most: an earlier one that agrees for longer beats a chance match at the very end. */
function bestOverlap(recorded: readonly number[], from: number, last: number, live: readonly number[]): number {
  let best = last;
  for (let at = last - 1; at >= from; at -= 1) {
    const length = Math.min(live.length, recorded.length - at);
    let same = 0;
    while (same < length && recorded[at + same] === live[same]) same += 1;
    if (same === length && length > Math.min(live.length, recorded.length - best)) best = at;
  }
  return best;
}
