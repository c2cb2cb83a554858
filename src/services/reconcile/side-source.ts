import type { SideEvidence } from '../../domain/parity.ts';
import type { TapedTick } from '../../domain/parity-tape.ts';

/** A bar that stands on a side and cannot be read. It counts as missing. */
export interface UnreadableBar {
  /** `bars.EURUSD.1m/0@12`, or a stream and an entry's id. */
  readonly place: string;
  readonly reason: string;
}

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
  /** Symbols of which it has bars. */
  symbols(): Promise<string[]>;
  /** Rejects with `log.unavailable`, `redis.unavailable` or `parity.bars.unreadable`. */
  read(symbol: string): Promise<SideData>;
}
