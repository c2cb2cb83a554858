import type { PriceBar } from '../../src/domain/indicators/detector.ts';
import { chart } from './chart.ts';

/**
 * Bars that follow a path of closes, for tests: `10 11 12^14 11_9` closes at 10, 11, 12 and 11, the third bar with a wick up to 14, the
 * fourth with one down to 9. Each bar opens where the one before closed, the first where it closes itself.
 */
export function pricePath(path: string, from?: number): PriceBar[] {
  let open: number | null = null;
  const rows = path
    .trim()
    .split(/\s+/)
    .map((step) => {
      const [, close, up, down] = /^(-?[\d.]+)(?:\^(-?[\d.]+))?(?:_(-?[\d.]+))?$/.exec(step)?.map(Number) ?? [];
      if (close === undefined) throw new Error(`${step} is no step of a price path`);
      const opened: number = open ?? close;
      open = close;
      const wick = (to: number | undefined) => (to === undefined || Number.isNaN(to) ? close : to);
      return [opened, Math.max(opened, close, wick(up)), Math.min(opened, close, wick(down)), close];
    });
  return chart(rows, from);
}
