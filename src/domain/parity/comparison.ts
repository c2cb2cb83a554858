import type { Session, TradingCalendar } from '../calendar/trading-calendar.ts';
import type { GapRecord } from '../gap/gap.ts';
import type { Side, SideBar } from './parity-bar.ts';
import type { LateReject } from './parity-minute.ts';
import type { TapedTick } from './parity-tape.ts';
import type { Tolerance } from './parity-tolerance.ts';
import type { UnreadableBar } from './side-bars.ts';
import type { OtherSymbol } from './systematic/view.ts';

/** What is known of one side. */
export interface SideEvidence {
  /** Every version of every bar, in the order written. */
  readonly bars: readonly SideBar[];
  /** The newest record of each gap. */
  readonly gaps: readonly GapRecord[];
  readonly late: readonly LateReject[];
  /** The tape, by start of minute, as far as it was read. */
  readonly ticks?: ReadonlyMap<number, readonly TapedTick[]>;
  readonly unreadable?: readonly UnreadableBar[];
}

/** Two sides of one symbol over [from, to), epoch milliseconds, which holds at most one session. */
export interface Comparison extends Readonly<Record<Side, SideEvidence>> {
  readonly symbol: string;
  readonly calendar: TradingCalendar;
  readonly session: Session | null;
  readonly from: number;
  readonly to: number;
  /** Minutes that ended by then are settled on both sides: a session that ends later is not whole yet. */
  readonly settled: number;
  readonly tolerance: Tolerance;
  /** Smallest step of a price, as decimal text, where it is known. */
  readonly priceIncrement?: string | null;
  /** Percent of expected bars that must agree. */
  readonly threshold: number;
  /** Fewer expected bars in a whole session than these are too little evidence; absent: any will do. */
  readonly minSessionBars?: number;
  /** Whether a second incumbent stands in the candidate's place. */
  readonly noise?: boolean;
  /** Of which minutes the ticks were read; absent: they have not been yet. */
  readonly ticksRead?: ReadonlySet<number>;
  /** Bars of other symbols, where they were read: two symbols may have been swapped. */
  readonly others?: readonly OtherSymbol[];
}
