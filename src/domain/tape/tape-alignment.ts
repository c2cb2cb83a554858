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

/** A place where a stretch may go on from a tail. */
export interface ResumePlace {
  /** How many entries of the stretch stand before it. */
  readonly index: number;
  /** So many of them are the last of the tail. */
  readonly matched: number;
  /** Whether they reach back to where the stretch, a part of it, or the last part of the tail begins: it can match no more than that holds. */
  readonly edge: boolean;
}

/**
 * Where a recorded stretch goes on from a tail: the place in `recorded` that best matches the end of `tail`. Null where nothing matches
 * well enough to be sure, or several places match equally well. `possible` rules out places that something else than payloads, such as a
 * time, speaks against.
 */
export function resumePlace(
  recorded: readonly number[],
  tail: readonly number[],
  possible: (index: number) => boolean = () => true,
): ResumePlace | null {
  const [best, ...others] = resumePlaces(recorded, tail, possible);
  if (best === undefined) return null;
  // Equal payloads in a row: any of the places may be the one. Where the stretch begins within such a row, fewer may stand before it, too.
  const unclear = others.some(
    ({ index, matched }) => matched === best.matched || (best.edge && index === best.index - 1),
  );
  return unclear ? null : best;
}

/**
 * Every place where a recorded stretch may go on from a tail: the best first, of equal ones the last. `starts`: where parts of the
 * stretch begin, in order, before which entries may be missing; 0 is one. `unbroken`: how many of the tail's last entries follow one
 * another; before them some may be missing.
 */
export function resumePlaces(
  recorded: readonly number[],
  tail: readonly number[],
  possible: (index: number) => boolean = () => true,
  { starts = [], unbroken = tail.length }: { readonly starts?: readonly number[]; readonly unbroken?: number } = {},
): ResumePlace[] {
  const enough = Math.min(unbroken, SURE);
  const places: ResumePlace[] = [];
  for (let index = recorded.length; index > 0; index -= 1) {
    // What stands before a part, on either side, may be followed by what is missing there: it says nothing of the part.
    const held = index - (starts.findLast((start) => start < index) ?? 0);
    const matched = Math.min(matchBackwards(recorded, index, tail), held, unbroken);
    if (matched === 0) continue;
    const edge = matched === held || (unbroken < tail.length && matched === unbroken);
    if ((edge || matched >= enough) && possible(index)) places.push({ index, matched, edge });
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
 * Whether a match at an edge may be chance: it is of one payload alone, though perhaps several times, and payloads of this tape are known to
 * come more than once. `hashes`: what is known of the tape on both sides.
 */
export function mayBeChance(
  { matched, edge }: ResumePlace,
  tail: readonly number[],
  ...hashes: readonly (readonly number[])[]
): boolean {
  return isWeak({ matched, edge }, tail) && [tail, ...hashes].some((each) => new Set(each).size < each.length);
}

/** Whether a match at an edge rests on one payload alone. */
export const isWeak = ({ matched, edge }: Pick<ResumePlace, 'matched' | 'edge'>, tail: readonly number[]): boolean =>
  edge && matched < SURE && new Set(tail.slice(-matched)).size === 1;

/**
 * Where a recorded stretch runs into what was received live: the index from which `recorded` and `live` agree for as long as both
 * last. Null where they do not meet, or may meet in several `possible` places equally well. `recorded.length` where `live` is empty.
 * `behind`: all of `live` may stand behind what is recorded.
 */
export function overlapIndex(
  recorded: readonly number[],
  live: readonly number[],
  possible: (index: number) => boolean = () => true,
  behind = false,
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
  if (best === null || new Set(live.slice(0, length)).size > 1) return best;
  // Equal payloads up to the end of the recording, which may lack the newest: it may meet them later, too.
  const next = best + 1;
  if (next === recorded.length) return behind ? null : best;
  const isUnclear = possible(next) && agree(recorded, next, live, Math.min(live.length, recorded.length - next));
  return isUnclear ? null : best;
}

function agree(recorded: readonly number[], at: number, live: readonly number[], length: number): boolean {
  for (let i = 0; i < length; i += 1) if (recorded[at + i] !== live[i]) return false;
  return true;
}
