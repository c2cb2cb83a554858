import { sides } from './parity-bar.ts';
import type { Mismatch, SessionReport } from './parity-report.ts';

/**
 * Whether what stands there of a session is as much as what was recorded of it. A side with fewer bars than it had was trimmed since: it
 * knows less than the record, and must not take its place.
 */
export const knowsAsMuch = (now: Pick<SessionReport, 'bars'>, recorded: Pick<SessionReport, 'bars'>): boolean =>
  sides.every((side) => now.bars[side] >= recorded.bars[side]);

/**
 * Whether what a session comes to now has to take the place of what was recorded of it: a bar was corrected, a gap was filled, the
 * tolerance is another one. Causes and ticks do not make a difference: they fade with the tape.
 */
export function revises(now: SessionReport, recorded: SessionReport): boolean {
  return knowsAsMuch(now, recorded) && outcomeOf(now) !== outcomeOf(recorded);
}

/** All that counts, as text. Field by field: a database does not keep the order of keys. */
function outcomeOf({ expected, agreeing, bars, tolerance, threshold, mismatches, outcome }: SessionReport): string {
  return JSON.stringify([
    [expected, agreeing, bars.incumbent, bars.candidate, threshold],
    [tolerance.pipSize, tolerance.priceTicks, tolerance.pricePercent, tolerance.volume, tolerance.volumePercent],
    // A report that has no hash of its mismatches holds all of them.
    outcome ?? outcomeHash(mismatches),
  ]);
}

/** A hash of what counts of mismatches, 16 hex digits: reports tell of a sample only. */
export function outcomeHash(mismatches: readonly Mismatch[]): string {
  let [h1, h2] = [0xdeadbeef, 0x41c6ce57];
  for (const { start, missing, n, fields } of mismatches) {
    const text = JSON.stringify([
      start,
      missing,
      n.incumbent,
      n.candidate,
      fields.map(({ field, incumbent, candidate }) => [field, incumbent, candidate]),
    ]);
    for (let i = 0; i < text.length; i += 1) {
      const c = text.charCodeAt(i);
      h1 = Math.imul(h1 ^ c, 2654435761);
      h2 = Math.imul(h2 ^ c, 1597334677);
    }
    h1 ^= h1 >>> 15;
    h2 ^= h2 >>> 13;
  }
  return [h1, h2].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
