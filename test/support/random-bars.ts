import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { PriceBar } from '../../src/domain/indicators/detector.ts';

/**
 * Bars of a random walk near 1.1, on a grid of 0.00001, with what a quiet market has: minutes that are missing, bars without range, closes
 * that repeat, bars without volume, and spells that are calmer or wilder than the rest.
 */
export function randomBars(seed: string | number, count: number, from = Date.UTC(2024, 0, 8, 9)): PriceBar[] {
  const random = seededRandom(seed);
  const points = (range: number): number => Math.round((random.next() * 2 - 1) * range);
  const bars: PriceBar[] = [];
  let start = from;
  let close = 110_000;
  let range = 10;
  while (bars.length < count) {
    if (random.next() < 0.02) range = 1 + Math.floor(random.next() * 40);
    const still = random.next() < 0.1;
    const open = still ? close : close + points(range / 4);
    close = still ? open : open + points(range);
    const high = Math.max(open, close) + (still ? 0 : Math.abs(points(range / 2)));
    const low = Math.min(open, close) - (still ? 0 : Math.abs(points(range / 2)));
    const volume = random.next() < 0.05 ? 0 : Math.ceil(random.next() * 500);
    bars.push({ start, open: open / 1e5, high: high / 1e5, low: low / 1e5, close: close / 1e5, volume });
    start += 60_000 * (random.next() < 0.03 ? 1 + Math.ceil(random.next() * 300) : 1);
  }
  return bars;
}
