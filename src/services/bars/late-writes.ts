import { parseBar } from '../../domain/bar/bar-codec.ts';
import type { Timeframe } from '../../domain/base/timeframe.ts';
import { type SideBar, sideBar } from '../../domain/parity/parity-bar.ts';
import type { LogRecord, PartitionRange } from '../../ports/record-log.ts';
import { builtAt } from './built-at.ts';
import { CHECKPOINT_DEPTH } from './checkpoint.ts';
import type { Ranges, Stretch } from './stretches.ts';

/** A bar that somebody wrote who knew less of the ticks than who had written before. */
export interface LateBar {
  /** Of its topic and key. */
  readonly id: string;
  /** Where its writer stood in the ticks. */
  readonly position: number;
  readonly tf: Timeframe;
  readonly bar: SideBar;
}

type BarPlace = Pick<LogRecord, 'topic' | 'key'>;

/** Names the bar of a record: compaction keeps the last one written. */
export const barId = ({ topic, key }: BarPlace): string => `${topic} ${key}`;

/**
 * Watches the bars of one partition of ticks for late writes. A member that was paused (SIGSTOP, a virtual machine that was moved)
 * may still write when another one owns its partition, and a compacted topic then keeps the worse bar for good: nothing fences it.
 * So the owner looks after what it wrote: `unseen` says what to read, `saw` takes it, and `looked` ends the look.
 */
export class LateWrites {
  readonly #partition: number;
  /** By topic. */
  readonly #watched: ReadonlyMap<string, Watched>;
  /** Every bar built from the ticks before this position has been written. */
  #through: number;
  readonly #late = new Map<string, LateBar>();

  /** `topics`: where the bars go, the one of 1m first. `through`: position of the newest checkpoint, -1 where there is none. */
  constructor(topics: readonly string[], partition: number, through: number, ranges: Ranges) {
    this.#partition = partition;
    this.#through = through;
    this.#watched = new Map(
      topics.map((topic) => [
        topic,
        // Late writes of the past too: whoever owned the partition may have ended before it saw them.
        {
          next: nextOf(ranges.of(topic), ({ earliest, end }) => Math.max(earliest, end - CHECKPOINT_DEPTH)),
          own: new Map(),
          appended: 0,
          looked: false,
        },
      ]),
    );
  }

  /** Where the bars go. */
  get topics(): readonly string[] {
    return [...this.#watched.keys()];
  }

  /** Notes what the owner itself has written, when it stood at `position`. */
  wrote(records: readonly BarPlace[], position: number): void {
    for (const record of records) {
      const watched = this.#watched.get(record.topic);
      if (watched === undefined) continue;
      watched.own.set(barId(record), position);
      watched.appended += 1;
    }
  }

  /** What must be read to know, now that topics end where `ranges` says. Stands for it until `looked`: nothing may be written meanwhile. */
  unseen(ranges: Ranges): Stretch[] {
    const unseen: Stretch[] = [];
    for (const [topic, { next, appended, looked }] of this.#watched) {
      let fresh = 0;
      const stretches: Stretch[] = [];
      for (const { partition, end } of ranges.of(topic)) {
        const from = next.get(partition) ?? 0;
        fresh += end - from;
        if (end > from) stretches.push({ topic, partition, from, to: end });
      }
      // As many as the owner wrote: nobody else did.
      if (fresh !== appended || !looked) unseen.push(...stretches);
    }
    return unseen;
  }

  /** The records of a stretch, in order; those of the first topic come first. */
  saw({ topic }: Stretch, records: readonly LogRecord[]): void {
    const { own, looked } = this.#watched.get(topic)!;
    let through = looked ? this.#through : -1;
    // The first topic holds most bars and is looked at first: what was late there may be all that a longer timeframe's topic has.
    const lateAt = new Set(looked ? [] : [...this.#late.values()].map(({ position }) => position));
    for (const record of records) {
      const at = builtAt(record);
      if (at === null || at.partition !== this.#partition || record.value === null) continue;
      const id = barId(record);
      // On a log that compacts at once the owner's own record may be gone already.
      if (lateAt.has(at.position) || at.position < Math.max(through, own.get(id) ?? -1))
        this.#late.set(id, lateBar(id, at.position, record.value));
      else {
        this.#late.delete(id);
        // Of what former owners wrote, one after the other, positions rise.
        if (!looked) through = at.position;
      }
    }
  }

  /** All that was unseen is seen. The late bars that nothing better follows; each stays until `settled` or until something better follows it. */
  looked(ranges: Ranges): readonly LateBar[] {
    for (const [topic, watched] of this.#watched) {
      for (const { partition, end } of ranges.of(topic)) watched.next.set(partition, end);
      watched.looked = true;
      watched.appended = 0;
      for (const position of watched.own.values()) this.#through = Math.max(this.#through, position);
      watched.own.clear();
    }
    return this.#late.size === 0 ? NONE : [...this.#late.values()];
  }

  settled({ id }: LateBar): void {
    this.#late.delete(id);
  }
}

const NONE: readonly LateBar[] = [];

const nextOf = (ranges: readonly PartitionRange[], next: (range: PartitionRange) => number): Map<number, number> =>
  new Map(ranges.map((range) => [range.partition, next(range)]));

function lateBar(id: string, position: number, value: Buffer): LateBar {
  const bar = parseBar(value);
  return { id, position, tf: bar.tf, bar: sideBar(bar) };
}

interface Watched {
  /** Where to look on, by partition. */
  readonly next: Map<number, number>;
  /** Bars that the owner wrote since the last look, with its position then. */
  readonly own: Map<string, number>;
  appended: number;
  looked: boolean;
}
