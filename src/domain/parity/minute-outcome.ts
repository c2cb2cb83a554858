import { MINUTE } from '../base/timeframe.ts';
import type { Minute } from './compared-minutes.ts';
import type { Comparison } from './comparison.ts';
import { sides } from './parity-bar.ts';
import { causeOf } from './parity-cause.ts';
import { countedTicks, type MinuteSides, type SideMinute } from './parity-minute.ts';
import type { Mismatch, Note } from './parity-report.ts';
import { firstDifference, type TickDifference } from './parity-tape.ts';
import { differences, type FieldDifference } from './parity-tolerance.ts';

/** What a minute gave. */
export interface MinuteOutcome {
  readonly mismatch: Mismatch | null;
  readonly notes: readonly Note[];
}

/** Compares the bars of a minute. */
export function outcomeOf(
  minute: Minute,
  { tolerance, noise = false }: Pick<Comparison, 'tolerance' | 'noise'>,
): MinuteOutcome {
  const { symbol, start, incumbent, candidate } = minute;
  const [a, b] = [incumbent.bar, candidate.bar];
  const missing = a === null ? 'incumbent' : b === null ? 'candidate' : null;
  const fields = a === null || b === null ? [] : differences(a, b, tolerance);
  const contradicted = sides.some((side) => minute[side].contradiction !== null);
  const notes = versionNotes(minute);
  if (missing !== null || contradicted || fields.some(({ within }) => !within)) {
    const n = { incumbent: countOfTicks(incumbent), candidate: countOfTicks(candidate) };
    const mismatch = {
      symbol,
      start,
      missing,
      ...(missing !== null && minute[missing].unreadable !== null && { unreadable: true as const }),
      n,
      fields,
      ...causeOf(minute),
      firstTick: firstTick(minute),
      reproduce: reproduce(symbol, start, noise),
    } as const;
    return { mismatch, notes };
  }
  return { mismatch: null, notes: [...agreementNotes(minute, fields), ...notes] };
}

const countOfTicks = ({ bar, empty }: SideMinute): number | null => (empty ? 0 : (bar?.n ?? null));

/** What sets two agreeing bars apart all the same. */
function agreementNotes(minute: Minute, fields: readonly FieldDifference[]): Note[] {
  const [a, b] = [minute.incumbent.bar!, minute.candidate.bar!];
  const sameTicks =
    (a.n === null || b.n === null || a.n === b.n) && (a.digest === null || b.digest === null || a.digest === b.digest);
  if (fields.length === 0 && sameTicks) return [];
  const note = fields.length > 0 ? 'within tolerance' : 'same bar, other ticks';
  return [
    {
      symbol: minute.symbol,
      start: minute.start,
      note,
      side: null,
      fields,
      ...causeOf(minute),
      firstTick: firstTick(minute),
    },
  ];
}

/** What there is to tell of the versions of a side's bar. */
function versionNotes({ symbol, start, names, settled }: Minute): Note[] {
  const notes: Note[] = [];
  for (const side of sides) {
    const found = settled[side];
    if (found === undefined) continue;
    const common = { symbol, start, side, cause: null, fields: [], firstTick: null } as const;
    const { bar, repeats } = found;
    if (bar.rev > 0 && bar.n !== 0)
      notes.push({
        ...common,
        note: 'late tick (corrected)',
        evidence: `the ${names[side]} corrected the bar ${bar.rev === 1 ? 'once' : `${bar.rev} times`}`,
      });
    if (repeats > 0)
      notes.push({
        ...common,
        note: 'doubled bar',
        evidence: `the ${names[side]} holds the same bar ${repeats + 1} times`,
      });
  }
  return notes;
}

function firstTick({ incumbent, candidate }: MinuteSides): TickDifference | null {
  const [a, b] = [countedTicks(incumbent), countedTicks(candidate)];
  return a === null || b === null ? null : firstDifference(a, b);
}

const isoMinute = (ts: number): string => `${new Date(ts).toISOString().slice(0, 16)}Z`;

const reproduce = (symbol: string, start: number, noise: boolean): string =>
  `pulse reconcile ${noise ? '--noise ' : ''}--symbol ${symbol} --from ${isoMinute(start)} --to ${isoMinute(start + MINUTE)}`;
