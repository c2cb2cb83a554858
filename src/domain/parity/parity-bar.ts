import type { Bar } from '../bar/bar.ts';

/** The two paths that parity compares. */
export const sides = ['incumbent', 'candidate'] as const;
export type Side = (typeof sides)[number];

/** What reports call the sides. */
export type SideNames = Readonly<Record<Side, string>>;
/** `noise`: a second incumbent stands in the candidate's place. */
export const sideNames = (noise: boolean): SideNames => ({
  incumbent: 'incumbent',
  candidate: noise ? 'second incumbent' : 'candidate',
});

export const otherSide = (side: Side): Side => (side === 'incumbent' ? 'candidate' : 'incumbent');

/** A one-minute bar of one side, as far as that side tells. */
export interface SideBar {
  /** Epoch milliseconds, the start of a minute. */
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Exact decimal text. */
  readonly volume: string;
  /** Ticks; null where the side does not say. */
  readonly n: number | null;
  readonly rev: number;
  /** 16 hex digits; null where the side does not say. */
  readonly digest: string | null;
  readonly partial: boolean;
  /** Offset of its last tick in the record log; null where it has none. */
  readonly place: number | null;
}

export const sideBar = (b: Bar): SideBar => ({
  start: b.start,
  open: b.open,
  high: b.high,
  low: b.low,
  close: b.close,
  volume: b.volume,
  n: b.n,
  rev: b.rev,
  digest: b.digest,
  partial: b.partial,
  place: b.source?.to ?? null,
});

/** What one side says about a minute, out of all versions of its bar. */
export interface SettledBar {
  readonly bar: SideBar;
  /** Further identical versions: harmless repeats. */
  readonly repeats: number;
  /** A version with as many ticks that says something else; null where there is none. */
  readonly contradiction: SideBar | null;
}

/**
 * The version that counts: the one with the most ticks, then the furthest place, then the highest `rev`, then the last given.
 * A bar is rewritten after a crash and by a former owner of a partition, so that the last one written may be an older one.
 */
export function settledBar(versions: readonly SideBar[]): SettledBar {
  const bar = versions.reduce((best, next) => (outranks(best, next) ? best : next));
  const rivals = versions.filter((v) => v !== bar && v.n === bar.n);
  return {
    bar,
    repeats: rivals.filter((v) => sameContent(v, bar)).length,
    contradiction: rivals.find((v) => !sameContent(v, bar) && !carriedAnew(v, bar)) ?? null,
  };
}

/** The bar that counts of each minute, in order of time. `bars`: every version, in the order written. */
export const settledBars = (bars: readonly SideBar[]): SideBar[] =>
  [...Map.groupBy(bars, ({ start }) => start)]
    .sort(([a], [b]) => a - b)
    .map(([, versions]) => settledBar(versions).bar);

/** Whether `a`, which was given earlier, still counts before `b`. */
export function outranks(a: SideBar, b: SideBar): boolean {
  for (const key of ['n', 'place', 'rev'] as const) {
    const difference = (a[key] ?? -1) - (b[key] ?? -1);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

export const sameContent = (a: SideBar, b: SideBar): boolean =>
  a.open === b.open &&
  a.high === b.high &&
  a.low === b.low &&
  a.close === b.close &&
  a.volume === b.volume &&
  a.digest === b.digest;

/** A minute without ticks stands at the close before it: a correction of that close is a correction of it, with no tick more. */
const carriedAnew = (a: SideBar, b: SideBar): boolean => a.n === 0 && a.rev !== b.rev;
