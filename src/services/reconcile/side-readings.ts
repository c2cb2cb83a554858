import type { GapRecord } from '../../domain/gap.ts';
import { KeptReadings } from './kept-readings.ts';
import { gapsTouching, lateOn, type NamedLate, type SideData, type SideSource } from './side-source.ts';

/** What stands somewhere, read again and again: `GrowingTopic`, `GrowingStream`. */
interface Growing<T> {
  readonly size: number;
  items(): Promise<T[]>;
}

/** How a side's readings are begun. */
export interface Readings<B> {
  /** Of a symbol, all versions of its bars. */
  readonly bars: (symbol: string) => Growing<B>;
  /** Of all symbols. */
  readonly gaps: () => Growing<GapRecord>;
  readonly late: () => Growing<NamedLate>;
}

type OfBars = Pick<SideData, 'bars' | 'unreadable' | 'ticksOf'>;

/** Reads a side: all of it each time, or on from where it was left. `ofBars`: what follows from the bars of a symbol. */
export function sideReadings<B>(
  readings: Readings<B>,
  ofBars: (symbol: string, read: readonly B[]) => OfBars | Promise<OfBars>,
): Pick<SideSource, 'read' | 'readOn'> {
  const kept = { bars: new KeptReadings(readings.bars), gaps: readings.gaps(), late: readings.late() };
  const dataOf = async (
    symbol: string,
    bars: Growing<B>,
    gaps: Growing<GapRecord>,
    late: Growing<NamedLate>,
  ): Promise<SideData> => ({
    ...(await ofBars(symbol, await bars.items())),
    gaps: gapsTouching(symbol, await gaps.items()),
    late: lateOn(symbol, await late.items()),
  });
  return {
    read: (symbol) => dataOf(symbol, readings.bars(symbol), readings.gaps(), readings.late()),
    readOn: (symbol) => kept.bars.use(symbol, (bars) => dataOf(symbol, bars, kept.gaps, kept.late)),
  };
}
