import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { PriceBar } from '../../src/domain/indicators/detector.ts';
import { parseReferenceBar } from '../../src/domain/parity/reference-bars.ts';
import { tickSet } from './tick-sets.ts';

/** The one-minute bars of a recorded set as a detector sees them: where the ticks carry no volume, it is their number. */
export function recordedBars(name: string): PriceBar[] {
  const lines = gunzipSync(readFileSync(tickSet(name).bars))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const { start, open, high, low, close, volume, n } = parseReferenceBar(line)!;
    const traded = Number(volume ?? 0);
    return { start, open, high, low, close, volume: traded === 0 ? (n ?? 0) : traded };
  });
}
