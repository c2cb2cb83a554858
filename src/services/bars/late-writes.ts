import { parseBar } from '../../domain/bar-codec.ts';
import { type SideBar, sideBar } from '../../domain/parity-bar.ts';
import type { Timeframe } from '../../domain/timeframe.ts';
import type { LogRecord, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import { builtAt, CHECKPOINT_DEPTH, readRange } from './bar-records.ts';

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
 * So the owner looks after what it wrote.
 */
export class LateWrites {
  readonly #log: RecordLog;
  readonly #partition: number;
  /** By topic. */
  readonly #watched: ReadonlyMap<string, Watched>;
  /** Every bar built from the ticks before this position has been written. */
  #through: number;
  readonly #late = new Map<string, LateBar>();

  private constructor(log: RecordLog, partition: number, through: number, watched: ReadonlyMap<string, Watched>) {
    this.#log = log;
    this.#partition = partition;
    this.#through = through;
    this.#watched = watched;
  }

  /** `topics`: where the bars go. `through`: position of the newest checkpoint, -1 where there is none. */
  static async of(log: RecordLog, topics: readonly string[], partition: number, through: number): Promise<LateWrites> {
    const watched = new Map<string, Watched>();
    for (const topic of topics) {
      const next = new Map<number, number>();
      // Late writes of the past too: whoever owned the partition may have ended before it saw them.
      for (const { partition: at, earliest, end } of await log.ranges([topic]))
        next.set(at, Math.max(earliest, end - CHECKPOINT_DEPTH));
      watched.set(topic, { next, own: new Map(), appended: 0, looked: false });
    }
    return new LateWrites(log, partition, through, watched);
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

  /** The late bars that nothing better follows; each stays until `settled` or until something better follows it. */
  async look(): Promise<readonly LateBar[]> {
    for (const [topic, watched] of this.#watched) {
      const ranges = await this.#log.ranges([topic]);
      const fresh = ranges.reduce((sum, { partition, end }) => sum + end - (watched.next.get(partition) ?? 0), 0);
      // As many as the owner wrote: nobody else did.
      if (fresh !== watched.appended || !watched.looked) for (const range of ranges) await this.#scan(range, watched);
      for (const { partition, end } of ranges) watched.next.set(partition, end);
      watched.looked = true;
      watched.appended = 0;
    }
    for (const { own } of this.#watched.values()) {
      for (const position of own.values()) this.#through = Math.max(this.#through, position);
      own.clear();
    }
    return [...this.#late.values()];
  }

  settled({ id }: LateBar): void {
    this.#late.delete(id);
  }

  async #scan({ topic, partition, end }: PartitionRange, { next, own, looked }: Watched): Promise<void> {
    let through = looked ? this.#through : -1;
    // The first topic holds most bars and is looked at first: what was late there may be all that a longer timeframe's topic has.
    const lateAt = new Set(looked ? [] : [...this.#late.values()].map(({ position }) => position));
    for (const record of await readRange(this.#log, topic, partition, next.get(partition) ?? 0, end)) {
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
}

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
