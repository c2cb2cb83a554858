import type { Bar } from '../../src/domain/bar/bar.ts';
import { BarBuilder } from '../../src/domain/bar/bar-builder.ts';
import { type BarOptions, defaultBarOptions } from '../../src/domain/bar/bar-options.ts';
import { type TickFields, tickFields } from '../../src/domain/tick/tick.ts';

export const TEN = Date.UTC(2014, 4, 1, 10);

/** A trade: seconds after ten o'clock, price, volume in hundredths. */
export type Trade = readonly [seconds: number, price: number, volume?: number];

export const fields = ([seconds, price, volume = 0]: Trade): TickFields => ({
  ...tickFields(),
  ts: TEN + Math.round(seconds * 1000),
  price,
  volumeUnits: volume,
  volumeScale: 2,
});

/** The versions that stand at the end: one bar for each start and timeframe. */
export function settled(bars: readonly Bar[]): Map<string, Bar> {
  return new Map(bars.map((b) => [`${b.tf} ${b.start}`, b]));
}

/** What bars say, in order of time. */
export const values = (bars: Iterable<Bar>): unknown[] =>
  [...bars]
    .sort((a, b) => a.start - b.start || a.tf.localeCompare(b.tf))
    .map(({ tf, start, open, high, low, close, volume, n, digest }) => ({
      tf,
      start,
      open,
      high,
      low,
      close,
      volume,
      n,
      digest,
    }));

export function builder(options: Partial<BarOptions> = {}): BarBuilder {
  return new BarBuilder('EURUSD', { ...defaultBarOptions, ...options }, 0);
}

/** Feeds trades and closes what is open. */
export function build(
  trades: readonly Trade[],
  options: Partial<BarOptions> = {},
  of = builder(options),
): { bars: Bar[]; late: Trade[] } {
  const late = trades.filter((trade, i) => !of.add(fields(trade), i, null));
  const bars = of.take();
  const now = Math.max(...trades.map(([s]) => TEN + s * 1000), TEN) + 3_600_000;
  of.idle(now, now - 60_000, now - 60_000);
  return { bars: [...bars, ...of.take()], late };
}
