import { candidateBars, type Figures, incumbentBars } from './bars.ts';
import type { Complaint, Evidence, ParityEvidence } from './evidence.ts';

const MINUTE = 60_000;

/** Holds what reconcile says against the bars of both sides: each minute in which either has one, and whether they are equal. */
export function judgeParity(evidence: Evidence): Complaint[] {
  const { parity } = evidence;
  if (parity === null) return [{ kind: 'verdict wrong', text: 'reconcile came to no end' }];
  const [incumbent, candidate] = [incumbentBars(evidence), candidateBars(evidence)];
  const symbols = new Set([...incumbent.keys(), ...candidate.keys(), ...parity.map(({ symbol }) => symbol)]);
  return [...symbols].flatMap((symbol) => {
    const said = parity.find((each) => each.symbol === symbol);
    if (said === undefined)
      return [{ kind: 'verdict wrong' as const, text: `${symbol}: reconcile says nothing of it` }];
    const wanted = comparison(incumbent.get(symbol) ?? new Map(), candidate.get(symbol) ?? new Map(), said.closed);
    return text(said) === text(wanted)
      ? []
      : [
          {
            kind: 'verdict wrong' as const,
            text: `${symbol}: reconcile says ${text(said)} instead of ${text(wanted)}`,
          },
        ];
  });
}

function comparison(
  one: ReadonlyMap<number, Figures>,
  other: ReadonlyMap<number, Figures>,
  closed: number,
): Omit<ParityEvidence, 'symbol' | 'closed'> {
  const last = Math.floor(closed / MINUTE) * MINUTE;
  const starts = [...new Set([...one.keys(), ...other.keys()])].filter((start) => start + MINUTE <= last).sort();
  const mismatches = starts.filter((start) => figures(one.get(start)) !== figures(other.get(start)));
  return { expected: starts.length, agreeing: starts.length - mismatches.length, mismatches };
}

/** Prices are compared in millionths; how many ticks a bar is of is not. */
const figures = (bar: Figures | undefined): string =>
  bar === undefined
    ? 'none'
    : [bar.open, bar.high, bar.low, bar.close].map((price) => price.toFixed(6)).join() + bar.volume;

const text = ({ expected, agreeing, mismatches }: Omit<ParityEvidence, 'symbol' | 'closed'>): string =>
  `${agreeing} of ${expected} agree, not ${mismatches.map((start) => new Date(start).toISOString().slice(11, 16)).join(' ') || 'any other'}`;
