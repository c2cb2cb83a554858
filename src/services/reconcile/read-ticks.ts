import { type Side, sides } from '../../domain/parity/parity-bar.ts';
import type { TapedTick } from '../../domain/parity/parity-tape.ts';
import type { SideData } from './side-source.ts';

export type MinutesOfTicks = Readonly<Record<Side, ReadonlyMap<number, readonly TapedTick[]>>>;

/**
 * The ticks of minutes that differ, kept from one round to the next: they are looked up in the tape, which costs as much as an hour
 * around each has ticks, and stay what they are as long as no side writes another version of those bars.
 */
export class ReadTicks {
  #kept = new Map<string, MinutesOfTicks>();
  #used = new Map<string, MinutesOfTicks>();

  async of(minutes: readonly number[], data: Readonly<Record<Side, SideData>>): Promise<MinutesOfTicks> {
    const key = keyOf(minutes, data);
    const found = this.#kept.get(key) ?? {
      incumbent: await data.incumbent.ticksOf(minutes),
      candidate: await data.candidate.ticksOf(minutes),
    };
    this.#used.set(key, found);
    return found;
  }

  /** Forgets what the round that ends has not asked for. */
  endRound(): void {
    this.#kept = this.#used;
    this.#used = new Map();
  }
}

/** The minutes, and how many versions of each stand on either side: a late tick makes one more. */
function keyOf(minutes: readonly number[], data: Readonly<Record<Side, SideData>>): string {
  const wanted = new Set(minutes);
  const versions = sides.map((side) => {
    const counts = new Map<number, number>();
    for (const { start } of data[side].bars) if (wanted.has(start)) counts.set(start, (counts.get(start) ?? 0) + 1);
    return minutes.map((minute) => counts.get(minute) ?? 0);
  });
  return JSON.stringify([minutes, versions]);
}
