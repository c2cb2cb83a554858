import { epochOf, followsOf } from './epoch.ts';
import { payloadHash } from './tape-alignment.ts';

/** More late records of one partition than these are not looked at; a mirror has far fewer under way. */
export const MOST_REPEATS = 16_384;
/** Among so many records of the new epoch each repeat is looked for, counted from the last one found. Back-filled ticks may stand before them. */
export const SEARCHED = 100_000;
/** Stretches of offsets that were left out, and are kept in mind. Interleaved batches of two writers make a few. */
const STRETCHES = 256;

/** A record of one partition of `ticks.<SYMBOL>`, as it stands in the log. */
export interface EpochRecord {
  readonly partition: number;
  readonly offset: number;
  readonly headers: ReadonlyMap<string, Buffer>;
  readonly value: Buffer | null;
}

/** What a filter knows, as JSON. Small, save for the moments in which an epoch begins: then up to 16 bytes for each repeat that is awaited. */
export interface EpochState {
  /** The newest epoch seen. */
  readonly epoch: number;
  /** Payloads that the newest epoch is going to repeat, separated by spaces: hash and length in bytes, both in base 36. */
  readonly repeats?: string;
  /** Records of the newest epoch since the last repeat. */
  readonly searched?: number;
  /** Stretches [from, to) of offsets that were left out lately, oldest first. */
  readonly out?: readonly (readonly [number, number])[];
}

/** Records left out, and repeats that did not come, by why. */
export interface EpochCounts {
  /** Of an older epoch, after one of a newer: its holder writes them again. */
  older: number;
  /** Written again by a new holder, that did not know that the older one's had arrived. */
  repeated: number;
  /** Awaited as repeats, that did not come: the new holder has not received them. They stand in the log once. */
  unrepeated: number;
  /** Late records beyond `MOST_REPEATS`: their repeats are taken a second time. */
  beyond: number;
}

/**
 * Which records of a partition of `ticks.<SYMBOL>` count, where one mirror took over from another: decided from the log alone, so that
 * every reader decides the same. Feed it each record, in order:
 *
 *     const known = filter.lookBack(record);
 *     if (known !== null) filter.begin(record, <the records at [known.from, known.to)>);
 *     if (filter.takes(record)) …
 *
 * 1. A record of an older epoch after one of a newer is left out. The new holder did not know it, so it writes that tick itself.
 * 2. Records of older epochs that arrived between the new holder's look at the log (`follows`) and its first record were taken already.
 *    The new holder did not know them either, and writes those ticks again: each of its records that repeats one of them is left out, once.
 *
 * Both need that a new holder counts as known, of what stands before `follows`, what this filter takes of it, and no more; and that it
 * writes all the rest.
 *
 * Hard cases:
 * - Equal payloads in a row: as many are left out as are repeated, and equal payloads are the same to every reader.
 * - Back-filled ticks before the repeats: they are taken, in their new place; repeats are looked for among the next `SEARCHED` records.
 *   That is also why the order of repeats is not asked for: whichever of two equal payloads is left out, the same ones stay.
 * - A new holder that knows of a repeat only a prefix (late records, some before its first one, some after): those after it are older, by rule 1.
 * - Three holders within one flight: what rule 2 left out of the second was never taken, so the third does not repeat it. Hence `out`.
 * - A holder that started again is a new holder. Epochs without a record in the partition do not show, nor need to.
 * - Records without an epoch count as epoch 0, so a mirror of a version without leases is an old holder. What an operator replays counts always.
 * - A payload that a new holder never received, and so does not repeat, might hide an equal tick that follows within `SEARCHED` records.
 *   Ticks carry their time: that takes two equal ones within its resolution, of which one was lost.
 */
export class EpochFilter {
  readonly counts: EpochCounts = { older: 0, repeated: 0, unrepeated: 0, beyond: 0 };
  /** -1 before the first record. */
  #epoch: number;
  /** Payloads awaited, with how often. */
  readonly #repeats = new Map<string, number>();
  #searched: number;
  #out: [number, number][];

  constructor(state: EpochState | null = null) {
    this.#epoch = state?.epoch ?? -1;
    this.#searched = state?.searched ?? 0;
    this.#out = (state?.out ?? []).map(([from, to]) => [from, to]);
    for (const payload of state?.repeats?.split(' ') ?? []) this.#await(payload);
  }

  /** The newest epoch seen; 0 before any was. */
  get epoch(): number {
    return Math.max(0, this.#epoch);
  }

  /** Which records before this one must be read, [from, to), and given to `begin`, before it; null for nearly every record. */
  lookBack(record: EpochRecord): { readonly from: number; readonly to: number } | null {
    const epoch = epochOf(record.headers);
    if (epoch === null || epoch <= this.#epoch) return null;
    const from = followsOf(record.headers, record.partition);
    return from === null || from >= record.offset ? null : { from, to: Math.min(record.offset, from + MOST_REPEATS) };
  }

  /** A newer epoch begins with this record; `before` holds what the log still has of what `lookBack` named, in order. */
  begin(record: EpochRecord, before: readonly EpochRecord[]): void {
    const epoch = epochOf(record.headers);
    if (epoch === null || epoch <= this.#epoch) return;
    const known = this.lookBack(record) ?? { from: record.offset, to: record.offset };
    // What stands there by now a reader that begins here has not filtered yet.
    const taken =
      this.#epoch === -1
        ? this.#adopt(before)
        : before.filter(({ headers, offset }) => epochOf(headers) !== null && !this.#leftOut(offset));
    this.#epoch = epoch;
    this.#searched = 0;
    this.#repeats.clear();
    for (const { value } of taken) this.#await(nameOf(value));
    this.counts.beyond += record.offset - known.to;
    // The next holder looks at the log later than this one did. And a topic that was made anew counts from zero again.
    this.#out = this.#out.filter(([, to]) => to > known.from && to <= record.offset);
  }

  /** Whether the record counts. Throws where a look back was due. */
  takes(record: EpochRecord): boolean {
    const epoch = epochOf(record.headers);
    if (epoch === null) return true;
    if (epoch < this.#epoch) {
      this.counts.older += 1;
      return this.#leave(record.offset);
    }
    if (epoch > this.#epoch) {
      if (this.lookBack(record) !== null) throw new Error(`an epoch begins at ${record.offset}: look back first`);
      this.begin(record, []);
    }
    if (this.#repeats.size === 0) return true;
    if (this.#isRepeat(nameOf(record.value))) {
      this.counts.repeated += 1;
      this.#searched = 0;
      return this.#leave(record.offset);
    }
    this.#searched += 1;
    if (this.#searched >= SEARCHED) this.#giveUp();
    return true;
  }

  /** Null before the first record. */
  state(): EpochState | null {
    if (this.#epoch === -1) return null;
    const repeats = [...this.#repeats].flatMap(([payload, count]) => new Array<string>(count).fill(payload));
    return {
      epoch: this.#epoch,
      ...(repeats.length > 0 && { repeats: repeats.join(' '), searched: this.#searched }),
      ...(this.#out.length > 0 && { out: this.#out.map(([from, to]) => [from, to] as const) }),
    };
  }

  #await(payload: string): void {
    this.#repeats.set(payload, (this.#repeats.get(payload) ?? 0) + 1);
  }

  #isRepeat(payload: string): boolean {
    const count = this.#repeats.get(payload);
    if (count === undefined) return false;
    if (count === 1) this.#repeats.delete(payload);
    else this.#repeats.set(payload, count - 1);
    return true;
  }

  #giveUp(): void {
    for (const count of this.#repeats.values()) this.counts.unrepeated += count;
    this.#repeats.clear();
  }

  /** Filters what stands before a reader's first record; gives what of it counts. */
  #adopt(before: readonly EpochRecord[]): EpochRecord[] {
    const own = new EpochFilter();
    const taken = before.filter((record, i) => {
      const known = own.lookBack(record);
      if (known !== null)
        own.begin(
          record,
          before.slice(0, i).filter(({ offset }) => offset >= known.from),
        );
      return own.takes(record) && epochOf(record.headers) !== null;
    });
    this.#out = own.#out;
    return taken;
  }

  #leave(offset: number): false {
    const last = this.#out.at(-1);
    if (last !== undefined && last[1] === offset) last[1] = offset + 1;
    else this.#out.push([offset, offset + 1]);
    if (this.#out.length > STRETCHES) this.#out.shift();
    return false;
  }

  #leftOut(offset: number): boolean {
    return this.#out.some(([from, to]) => from <= offset && offset < to);
  }
}

const nameOf = (payload: Buffer | null): string =>
  payload === null ? '0.0' : `${payloadHash(payload).toString(36)}.${payload.length.toString(36)}`;
