import type { SideBar } from './parity-bar.ts';
import type { Note } from './parity-report.ts';
import { priceAllowed, type Tolerance } from './parity-tolerance.ts';

/** A wider tolerance hides differences that cost money: percent of the price. */
const WIDE_PERCENT = 0.1;
/** Of more agreeing bars than these the tolerance is no matter of rounding: percent. */
const MUCH_USED_PERCENT = 5;

/** What speaks against trusting a session's agreement. `bars`: of either side; `notes`: of the bars that agree, of which there are `agreeing`. */
export function toleranceWarnings(
  tolerance: Tolerance,
  bars: readonly SideBar[],
  notes: readonly Note[],
  agreeing: number,
): string[] {
  const warnings: string[] = [];
  const lowest = bars.reduce(
    (least, { low }) => (low === 0 ? least : Math.min(least, Math.abs(low))),
    Number.POSITIVE_INFINITY,
  );
  const percent = Number.isFinite(lowest) ? (priceAllowed(tolerance, lowest) / lowest) * 100 : 0;
  if (percent > WIDE_PERCENT)
    warnings.push(
      `the price tolerance is up to ${Number(percent.toPrecision(2))} % of the price, more than ${WIDE_PERCENT} %: set a smaller one`,
    );
  const used = notes.filter(({ note }) => note === 'within tolerance').length;
  if (used * 100 > agreeing * MUCH_USED_PERCENT)
    warnings.push(
      `${used} of ${agreeing} agreeing bars agree within the tolerance only, more than ${MUCH_USED_PERCENT} %: look why they differ`,
    );
  return warnings;
}
