import type { SideEvidence } from '../../domain/parity.ts';
import type { SideBar } from '../../domain/parity-bar.ts';
import type { TapedTick } from '../../domain/parity-tape.ts';
import type { UnreadableBar } from '../../domain/side-bars.ts';

/** All that one side holds about a symbol. */
export interface SideData extends SideEvidence {
  readonly unreadable: readonly UnreadableBar[];
  /**
   * The ticks of these minutes (starts, epoch milliseconds) as the side's tape holds them, a list for each; minutes whose
   * tape is gone, or was cut off, are left out.
   */
  ticksOf(minutes: readonly number[]): Promise<Map<number, TapedTick[]>>;
}

/** One of the two paths, to be read. */
export interface SideSource {
  /** Symbols of which it has bars, as far as it can list them: the older form cannot be listed. */
  symbols(): Promise<string[]>;
  /** Whether it has bars of the symbol now, whatever the form. */
  has(symbol: string): Promise<boolean>;
  /** The bars of about the newest `minutes` minutes, settled, in order; without those that cannot be read. */
  newest(symbol: string, minutes: number): Promise<SideBar[]>;
  /** Rejects, as each of these, with `log.unavailable` or `redis.unavailable`. */
  read(symbol: string): Promise<SideData>;
}
