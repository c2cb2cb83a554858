/** A straight move of closes, one bar after the other, each opening where the last one closed. */
export interface Leg {
  readonly to: number;
  readonly bars: number;
  /** Of each bar. */
  readonly volume?: number;
}

/** Rows for `chart` through turning points: [open, high, low, close, volume], without wicks, so that a leg's last bar is the turn. For tests. */
export function legs(from: number, moves: readonly Leg[]): number[][] {
  const rows: number[][] = [];
  let start = from;
  for (const { to, bars, volume = 100 } of moves) {
    const at = (i: number) => (i === bars ? to : start + ((to - start) * i) / bars);
    for (let i = 1; i <= bars; i++) {
      const [open, close] = [at(i - 1), at(i)];
      rows.push([open, Math.max(open, close), Math.min(open, close), close, volume]);
    }
    start = to;
  }
  return rows;
}

/** The same chart upside down around a price. For tests. */
export const upsideDown = (rows: readonly (readonly number[])[], around: number): number[][] =>
  rows.map(([open = 0, high = 0, low = 0, close = 0, volume = 100]) => [
    2 * around - open,
    2 * around - low,
    2 * around - high,
    2 * around - close,
    volume,
  ]);
