import { MINUTE } from '../../base/timeframe.ts';
import { otherSide, type Side, type SideBar, sides } from '../parity-bar.ts';
import { pricesOf } from '../parity-tape.ts';
import type { FoundFault, SystematicKind } from './fault.ts';
import { type Fit, FURTHEST_MS, UNRELATED_MS, type View } from './view.ts';

/** Bars that are looked up: more would show nothing new. */
const MOST_LOOKED_UP = 500;
/** Bars as frequent as these tell no shift. */
const TOO_FREQUENT = 50;

/** The candidate's bars stand some minutes off the incumbent's: dated on the close, in another time zone, or simply late. */
export function shifted(view: View): FoundFault | null {
  for (const digits of [10, 6]) {
    const by = mostFrequentShift(view, digits);
    if (by === null) continue;
    const fit = fitOf(view, by);
    const verdict = view.judge(fit);
    const others = UNRELATED_MS.map((off) => by + off).filter((off) => off !== 0);
    if (
      !verdict.holds ||
      view.isChance(
        fit,
        others.map((off) => fitOf(view, off)),
      )
    )
      continue;
    const later: Side = by > 0 ? 'candidate' : 'incumbent';
    const kind = kindOf(view, by, later);
    const side = kind === 'stamped on close' ? later : null;
    return view.found(verdict, { kind, side, statement: statementOf(view, kind, later, Math.abs(by) / MINUTE) });
  }
  return null;
}

/** `by` in milliseconds: the candidate's bar stands so much later than the incumbent's. */
function fitOf(view: View, by: number): Fit {
  const extents = Object.fromEntries(sides.map((side) => [side, extentOf(view.index[side])]));
  const check = (bar: SideBar | null, side: Side, at: number): boolean | null => {
    if (bar === null) return null;
    const counterpart = view.index[side].get(at);
    if (counterpart !== undefined) return view.same(bar, counterpart);
    const { first, last } = extents[side]!;
    return at >= first && at <= last ? false : null;
  };
  return ({ start, incumbent, candidate }) => {
    const told = [check(candidate, 'incumbent', start - by), check(incumbent, 'candidate', start + by)];
    return told.includes(false) ? false : told.includes(true) ? true : null;
  };
}

const extentOf = (bars: ReadonlyMap<number, SideBar>): { readonly first: number; readonly last: number } => {
  const starts = [...bars.keys()];
  return { first: starts[0] ?? Number.POSITIVE_INFINITY, last: starts.at(-1) ?? Number.NEGATIVE_INFINITY };
};

/** The shift at which most bars that differ have one of the same prices on the other side. Null where hardly any do. */
function mostFrequentShift(view: View, digits: number): number | null {
  const keyOf = ({ open, high, low, close }: SideBar): string =>
    [open, high, low, close].map((price) => price.toPrecision(digits)).join(' ');
  const counts = new Map<number, number>();
  const every = Math.max(1, Math.floor(view.differing.length / MOST_LOOKED_UP));
  for (const side of sides) {
    const other = otherSide(side);
    const sign = side === 'candidate' ? 1 : -1;
    const starts = Map.groupBy(view.index[other].values(), keyOf);
    view.differing.forEach((minute, i) => {
      const bar = minute[side];
      if (bar === null || i % every !== 0) return;
      const same = starts.get(keyOf(bar)) ?? [];
      if (same.length > TOO_FREQUENT) return;
      for (const { start } of same) {
        const by = sign * (minute.start - start);
        if (by !== 0 && Math.abs(by) <= FURTHEST_MS) counts.set(by, (counts.get(by) ?? 0) + 1);
      }
    });
  }
  const [best] = [...counts].sort(([a, x], [b, y]) => y - x || Math.abs(a) - Math.abs(b) || a - b);
  return best !== undefined && best[1] >= 5 ? best[0] : null;
}

/** Differences between local time and UTC that are no whole hours, in minutes. */
const ODD_ZONES: readonly number[] = [150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825];
const WIDEST_ZONE = 14 * 60;

function kindOf(view: View, by: number, later: Side): SystematicKind {
  const minutes = Math.abs(by) / MINUTE;
  if (minutes === 1) return isStamp(view, by, later) ? 'stamped on close' : 'shifted';
  return (minutes % 60 === 0 && minutes <= WIDEST_ZONE) || ODD_ZONES.includes(minutes)
    ? 'another time zone'
    : 'shifted';
}

/**
 * A path that is a minute late looks like one that is dated on the close. What its bars are made of tells them apart: the ticks of the
 * minute before, by their own times, where only the date is another. Where neither tapes nor digests tell, it is taken for the commoner one.
 */
function isStamp(view: View, by: number, later: Side): boolean {
  const [own, others] = [offItsTape(view, later), offItsTape(view, otherSide(later))];
  if (own !== null) return own === -1;
  if (others === 1) return false;
  const pairs = [...view.index.candidate.values()].flatMap((b) => {
    const a = view.index.incumbent.get(b.start - by);
    return a === undefined || a.digest === null || b.digest === null ? [] : [a.digest === b.digest];
  });
  return pairs.length === 0 || pairs.filter((same) => same).length * 2 >= pairs.length;
}

/** Of which minute of its own tape a side's bars are: -1 the one before, 0 their own, 1 the one after; null where it cannot be told. */
function offItsTape({ compared, differing }: View, side: Side): number | null {
  const ticks = compared.ticks[side];
  const counts = [-1, 0, 1].map((off) => {
    const told = differing.flatMap((minute) => {
      const bar = minute[side];
      const made = pricesOf(ticks.get(minute.start + off * MINUTE) ?? []);
      if (bar === null || made === null) return [];
      return [
        (['open', 'high', 'low', 'close'] as const).every(
          (field) => Math.abs(bar[field] - made[field]) < 1e-9 * Math.abs(bar[field]),
        ),
      ];
    });
    return { off, fits: told.filter((is) => is).length, of: told.length };
  });
  const best = counts.find(({ fits, of }) => of >= 5 && fits * 2 > of);
  return best?.off ?? null;
}

function statementOf(view: View, kind: SystematicKind, later: Side, minutes: number): string {
  const [name, other] = [view.name(later), view.name(otherSide(later))];
  if (kind === 'stamped on close')
    return `the ${name}'s bars are stamped on their close: each stands a minute later than the ${other}'s of the same ticks`;
  const apart = minutes % 60 === 0 ? count(minutes / 60, 'hour') : count(minutes, 'minute');
  const stand = `the ${name}'s bars stand ${apart} later than the ${other}'s`;
  return kind === 'another time zone'
    ? `${stand}: the two are dated in different time zones`
    : `${stand}: one of the paths is shifted`;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
