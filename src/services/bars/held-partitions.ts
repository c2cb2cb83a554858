import type { Clock } from '../../ports/clock.ts';
import type { LossNotice, RecordLog } from '../../ports/record-log.ts';
import { keyOf, type PartitionBars } from './partition-bars.ts';
import type { Restorer } from './restore.ts';
import { Ranges, readAll } from './stretches.ts';
import type { TapeLoss } from './tape-losses.ts';

type Place = Pick<PartitionBars, 'topic' | 'partition'>;

export interface HeldNeeds {
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly restorer: Restorer;
}

/** The partitions that this member of the group holds, as far as it knows, each with its bars. */
export class HeldPartitions {
  readonly #needs: HeldNeeds;
  readonly #group: string;
  readonly #known = new Map<string, PartitionBars>();
  #held: ReadonlySet<string> = new Set();
  /** Where partitions stood when the log held more of them. */
  readonly #behindAt = new WeakMap<PartitionBars, number>();

  constructor(needs: HeldNeeds, group: string) {
    this.#needs = needs;
    this.#group = group;
  }

  get size(): number {
    return this.#known.size;
  }

  all(): PartitionBars[] {
    return [...this.#known.values()];
  }

  get(place: Place): PartitionBars | undefined {
    return this.#known.get(keyOf(place));
  }

  /** Takes note of what this member holds now; gives those of which nothing is known yet. */
  assign<P extends Place>(held: readonly P[]): P[] {
    this.#held = new Set(held.map(keyOf));
    // Another member owns the rest: what is known of it here grows stale, and must not be written.
    for (const key of this.#known.keys()) if (!this.#held.has(key)) this.#known.delete(key);
    return held.filter((place) => !this.#known.has(keyOf(place)));
  }

  /** Takes partitions up to where the group stands, where that is further than what is known here: the minutes that are open there may get no tick more. */
  async adopt(places: readonly Place[]): Promise<void> {
    if (places.length === 0) return;
    const { log, clock, restorer } = this.#needs;
    const group = new Map((await log.committed(this.#group)).map((each) => [keyOf(each), each.offset]));
    const wanted = places.flatMap(({ topic, partition }) => {
      const key = keyOf({ topic, partition });
      const known = this.#known.get(key)?.position;
      const before = group.get(key) ?? 0;
      // Most often nobody else took any of it: it comes here yet.
      if (known !== undefined && before <= known) return [];
      return { topic, partition, before, atMost: Number.POSITIVE_INFINITY, known: known ?? 0 };
    });
    const restored = await restorer.restore(wanted);
    const further = restored.filter((bars, i) => bars.position > wanted[i]!.known && this.#held.has(keyOf(bars)));
    const last = await readAll(
      log,
      further.map(({ topic, partition, position }) => ({ topic, partition, from: position - 1, to: position })),
    );
    further.forEach((bars, i) => {
      bars.pipeline.resumed(clock.now(), last[i]![0]?.timestamp ?? clock.now());
      this.#known.set(keyOf(bars), bars);
    });
  }

  /** The partitions of records, each brought to the place right before its record. */
  async broughtTo(records: readonly (Place & { readonly offset: number })[]): Promise<PartitionBars[]> {
    const found = records.map((record) => {
      const known = this.get(record);
      return known !== undefined && known.position >= record.offset ? known : null;
    });
    // New here, or another member took some meanwhile: the state is where the last write left it.
    const unknown = records.flatMap(({ topic, partition, offset }, i) =>
      found[i] === null ? [{ topic, partition, before: offset, atMost: Number.POSITIVE_INFINITY, i }] : [],
    );
    const restored = unknown.length === 0 ? [] : await this.#needs.restorer.restore(unknown);
    restored.forEach((bars, n) => {
      this.#known.set(keyOf(bars), bars);
      found[unknown[n]!.i] = bars;
    });
    return found as PartitionBars[];
  }

  /** Those of which the log holds more than was taken. */
  async behind(partitions: readonly PartitionBars[]): Promise<Set<PartitionBars>> {
    if (partitions.length === 0) return new Set();
    const { log } = this.#needs;
    const ranges = await Ranges.of(
      log,
      partitions.map(({ topic }) => topic),
    );
    const before = partitions.filter((bars) => (ranges.at(bars.topic, bars.partition)?.end ?? 0) > bars.position);
    if (before.length === 0) return new Set();
    // Offsets may skip: where nothing came since the last look, only a record tells.
    const still = before.filter((bars) => this.#behindAt.get(bars) === bars.position);
    for (const bars of before) this.#behindAt.set(bars, bars.position);
    const next = await log.read(
      still.map(({ topic, partition, position }) => ({ topic, partition, from: position, max: 1 })),
    );
    const skipped = new Set(still.filter((_, i) => next[i]!.length === 0));
    return new Set(before.filter((bars) => !skipped.has(bars)));
  }

  /**
   * Ticks are gone before the group read them: minutes are partial, or of a topic that was made anew nothing is known any more. Gives what
   * of them was not taken: a checkpoint may know more than the group, then nothing is lost, and it gives null.
   */
  lost(loss: LossNotice): TapeLoss | null {
    const bars = this.get(loss);
    if (bars === undefined) return { ...loss, openMinutes: null };
    const { openBars } = bars.pipeline.builder;
    if (loss.reason === 'made-anew') {
      this.#known.delete(keyOf(bars));
      return { ...loss, openMinutes: openBars };
    }
    const from = Math.max(loss.from, bars.position);
    if (from >= loss.to) return null;
    bars.pipeline.builder.joined(null);
    bars.position = loss.to;
    bars.last = null;
    return { ...loss, from, openMinutes: openBars };
  }

  drop(which: (bars: PartitionBars) => boolean): void {
    for (const [key, bars] of this.#known) if (which(bars)) this.#known.delete(key);
  }
}
