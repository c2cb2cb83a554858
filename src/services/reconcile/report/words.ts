import { priceText } from '../../../domain/instrument/price-text.ts';
import { type SideNames, sideNames } from '../../../domain/parity/parity-bar.ts';
import type { Mismatch, SessionReport, SessionVerdict } from '../../../domain/parity/parity-report.ts';
import type { TickDifference } from '../../../domain/parity/parity-tape.ts';
import { type FieldDifference, type Tolerance, toleranceParts } from '../../../domain/parity/parity-tolerance.ts';

/** `2014-05-02 21:00Z`. */
export const minuteText = (ts: number): string => `${new Date(ts).toISOString().slice(0, 16).replace('T', ' ')}Z`;

/** The session, or the interval where there is none or not all of it. */
export function spanText({ session, whole, from, to }: SessionReport): string {
  if (session !== null && whole) return session;
  return `${session === null ? '' : `part of ${session}: `}${minuteText(from)} to ${minuteText(to)}`;
}

export const percentText = (value: number | null): string => (value === null ? '–' : `${value.toFixed(4)} %`);

export const verdictText: Readonly<Record<SessionVerdict, string>> = {
  passed: 'passed',
  'too little evidence': 'too little evidence',
  'below threshold': 'below threshold',
  'side missing': 'a side is missing',
  'no ticks': 'no ticks on either side',
};

/** `3 gap, 1 late tick`. */
export const causesText = ({ causes }: SessionReport): string =>
  Object.entries(causes)
    .map(([cause, count]) => `${count} ${cause}`)
    .join(', ');

/** `close 1.3861 → 1.3863 (+2 ticks)`: incumbent, candidate, difference. */
export function fieldText(
  { field, incumbent, candidate, off, within }: FieldDifference,
  { priceIncrement = null }: Pick<SessionReport, 'priceIncrement'>,
): string {
  const told = (value: number | string): string =>
    typeof value === 'number' ? priceText(value, priceIncrement) : value;
  const sign = Number(off) > 0 ? '+' : '';
  const unit = field === 'volume' ? '' : Math.abs(Number(off)) === 1 ? ' tick' : ' ticks';
  return `${field} ${told(incumbent)} → ${told(candidate)} (${sign}${off}${unit}${within ? ', within tolerance' : ''})`;
}

const derivedText = (derived = false): string => (derived ? ' (derived: one step of what the tape shows)' : '');

/** `prices within 0.0001 and volumes within 1`; where nobody said how far, that it is derived. */
export function toleranceText(tolerance: Tolerance): string {
  const { price, volume } = toleranceParts(tolerance);
  const { priceDerived, volumeDerived } = tolerance;
  return `prices within ${price}${derivedText(priceDerived)} and volumes within ${volume}${derivedText(volumeDerived)} agree`;
}

/** Within what bars agree, for each symbol; and what speaks against trusting a session. */
export function toleranceLines(reports: readonly SessionReport[]): string[] {
  const texts = new Map<string, Set<string>>();
  for (const { symbol, tolerance } of reports) {
    const text = toleranceText(tolerance);
    texts.set(text, (texts.get(text) ?? new Set()).add(symbol));
  }
  return [...texts].map(([text, symbols]) => `${[...symbols].join(', ')}: ${text}`);
}

/** Faults of a whole path: one line each, however many sessions show it. */
export function systematicLines(reports: readonly SessionReport[]): string[] {
  const found = reports.flatMap((report) => (report.systematic ?? []).map((fault) => ({ report, fault })));
  const same = Map.groupBy(found, ({ report, fault }) => `${report.symbol} ${fault.statement}`);
  return [...same.values()].map((each) => {
    const [{ report, fault }] = each as [(typeof each)[number]];
    const sum = (of: (one: (typeof each)[number]) => number): number => each.reduce((total, one) => total + of(one), 0);
    const more = each.length === 1 ? '' : ` and ${each.length - 1} more`;
    const counts = `explains ${sum((o) => o.fault.explained)} of ${sum((o) => o.fault.differing)} bars that differ; ${sum((o) => o.fault.fits)} minutes fit, ${sum((o) => o.fault.against)} do not`;
    return `${report.symbol} ${spanText(report)}${more}: ${fault.kind}: ${fault.statement} (${counts})`;
  });
}

/** `12 bars cannot be read`, and each of those that are told of: side, place and reason. */
export function unreadableLines(report: SessionReport): string[] {
  const { count = 0, bars = [] } = report.unreadable ?? {};
  if (count === 0) return [];
  const each = bars.map(({ side, start, place, code, reason }) => {
    const of = start === null ? '' : `${minuteText(start)}, `;
    return `${of}${namesIn(report)[side]}, ${place}: ${code}: ${reason}`;
  });
  return [`${report.symbol} ${spanText(report)}: ${count} bars cannot be read`, ...each];
}

/** All mismatches of a report, and on how many of them it says no more. */
export const differingCount = ({ expected, agreeing, offCalendar }: SessionReport): number =>
  expected - agreeing + offCalendar.compared - offCalendar.agreeing;

export const warningLines = (reports: readonly SessionReport[]): string[] =>
  reports.flatMap((report) => report.warnings.map((text) => `${report.symbol} ${spanText(report)}: ${text}`));

/** What the report calls its sides. */
export const namesIn = ({ noise }: SessionReport): SideNames => sideNames(noise === true);

/** What differs in a mismatch: the fields, or that a side has no bar. */
export function differenceText({ missing, unreadable, fields, n }: Mismatch, report: SessionReport): string {
  const counts = n.incumbent === n.candidate ? [] : [`n ${n.incumbent ?? '–'} → ${n.candidate ?? '–'}`];
  if (missing !== null)
    return [
      `no bar${unreadable ? ' that can be read' : n[missing] === 0 ? ' with ticks' : ''} on the ${namesIn(report)[missing]}'s side`,
      ...counts,
    ].join('; ');
  return [...fields.map((field) => fieldText(field, report)), ...counts].join('; ') || 'the same prices and volume';
}

/** The first tick that differs. */
export function firstTickText({ kind, incumbent, candidate }: TickDifference, report: SessionReport): string {
  const names = namesIn(report);
  const one = (tick: TickDifference['incumbent']): string =>
    tick === null
      ? 'none'
      : `${new Date(tick.ts).toISOString()} ${priceText(tick.price, report.priceIncrement ?? null)} × ${tick.volume} (${tick.place})`;
  if (kind === 'only incumbent') return `only the ${names.incumbent} has ${one(incumbent)}`;
  if (kind === 'only candidate') return `only the ${names.candidate} has ${one(candidate)}`;
  return `${kind}: ${names.incumbent} ${one(incumbent)}, ${names.candidate} ${one(candidate)}`;
}
