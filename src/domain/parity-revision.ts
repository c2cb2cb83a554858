import { sides } from './parity-bar.ts';
import type { SessionReport } from './parity-report.ts';

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
function outcomeOf({ expected, agreeing, bars, tolerance, threshold, mismatches }: SessionReport): string {
  return JSON.stringify([
    [expected, agreeing, bars.incumbent, bars.candidate, threshold],
    [tolerance.pipSize, tolerance.priceTicks, tolerance.pricePercent, tolerance.volume, tolerance.volumePercent],
    mismatches.map(({ start, missing, n, fields }) => [
      start,
      missing,
      n.incumbent,
      n.candidate,
      fields.map(({ field, incumbent, candidate }) => [field, incumbent, candidate]),
    ]),
  ]);
}
