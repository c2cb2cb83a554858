import { MINUTE } from '../../base/timeframe.ts';
import { type Side, type SideBar, type SideNames, settledBars, sides } from '../parity-bar.ts';
import type { TapedTick } from '../parity-tape.ts';
import { differences, type Tolerance } from '../parity-tolerance.ts';
import type { UnreadableBar } from '../side-bars.ts';
import type { FoundFault, SystematicFault } from './fault.ts';

/** A minute in which a side has a bar with ticks. */
export interface ComparedMinute extends Readonly<Record<Side, SideBar | null>> {
  readonly start: number;
  readonly differs: boolean;
  /** Bars of this minute that stand on a side that has none which can be read. */
  readonly unreadable: Readonly<Record<Side, UnreadableBar | null>>;
}

/** Bars of another symbol, every version. */
export interface OtherSymbol extends Readonly<Record<Side, readonly SideBar[]>> {
  readonly symbol: string;
}

/** What systematic faults are found from. */
export interface ComparedSides {
  readonly symbol: string;
  readonly names: SideNames;
  readonly tolerance: Tolerance;
  /** In order of start. */
  readonly minutes: readonly ComparedMinute[];
  /** Every version of the symbol's bars, those around the minutes too: a shifted path has its bars elsewhere. */
  readonly bars: Readonly<Record<Side, readonly SideBar[]>>;
  /** Ticks of minutes that differ, by start, as far as they were read. */
  readonly ticks: Readonly<Record<Side, ReadonlyMap<number, readonly TapedTick[]>>>;
  readonly others: readonly OtherSymbol[];
}

/** Whether a minute is as a fault makes it; null where that cannot be told. */
export type Fit = (minute: ComparedMinute) => boolean | null;

interface Verdict {
  readonly fits: number;
  readonly against: number;
  readonly explained: ReadonlySet<number>;
  /** Whether it explains nearly all that differs, and nearly nothing speaks against it. */
  readonly holds: boolean;
}

/** Fewer bars than these may look like anything. */
export const FEWEST = 10;
const NEARLY_ALL = 0.9;
/** A fault that fits is none where as it were the half of it fits by chance. */
const BY_CHANCE = 0.5;
/** The outermost parts of what differs may have another cause, and do not say where the fault begins and ends. */
const OUTERMOST = 0.05;
/** How far from the minutes a shifted bar is looked for. */
export const FURTHEST_MS = 26 * 60 * MINUTE;

/** What is compared, in the forms that detectors ask for. */
export class View {
  readonly compared: ComparedSides;
  readonly differing: readonly ComparedMinute[];
  /** All minutes from about the first that differs to about the last. */
  readonly span: readonly ComparedMinute[];
  /** The bar that counts of each minute, with ticks, up to `FURTHEST_MS` around. */
  readonly index: Readonly<Record<Side, ReadonlyMap<number, SideBar>>>;

  constructor(compared: ComparedSides) {
    const { minutes } = compared;
    this.compared = compared;
    this.differing = minutes.filter(({ differs }) => differs);
    const outer = Math.floor(this.differing.length * OUTERMOST);
    const [first, last] = [this.differing[outer]?.start ?? 0, this.differing.at(-1 - outer)?.start ?? 0];
    this.span = minutes.filter(({ start }) => start >= first && start <= last);
    this.index = { incumbent: this.around(compared.bars.incumbent), candidate: this.around(compared.bars.candidate) };
  }

  /** Of these versions of bars, the one that counts of each minute around. */
  around(bars: readonly SideBar[]): ReadonlyMap<number, SideBar> {
    const { minutes } = this.compared;
    const [from, to] = [(minutes[0]?.start ?? 0) - FURTHEST_MS, (minutes.at(-1)?.start ?? 0) + FURTHEST_MS];
    const near = bars.filter(({ start }) => start >= from && start <= to);
    return new Map(settledBars(near).flatMap((bar) => (bar.n === 0 ? [] : [[bar.start, bar]])));
  }

  /** Whether two bars agree, of whatever minutes. */
  same(a: SideBar, b: SideBar): boolean {
    return differences(a, b, this.compared.tolerance).every(({ within }) => within);
  }

  samePrices(a: SideBar, b: SideBar): boolean {
    return differences(a, b, this.compared.tolerance).every(({ field, within }) => within || field === 'volume');
  }

  judge(fit: Fit, over: readonly ComparedMinute[] = this.span): Verdict {
    const told = over.map(fit);
    const [fits, against] = [told.filter((is) => is === true).length, told.filter((is) => is === false).length];
    const explained = new Set(this.differing.filter((minute) => fit(minute) === true).map(({ start }) => start));
    const untold = this.differing.filter((minute) => fit(minute) === null).length;
    const testable = this.differing.length - untold;
    const holds =
      explained.size >= FEWEST &&
      explained.size >= NEARLY_ALL * testable &&
      untold <= this.differing.length / 2 &&
      fits >= NEARLY_ALL * (fits + against);
    return { fits, against, explained, holds };
  }

  /** Whether much of what differs would fit by chance: `others` are faults of the kind which the path certainly does not have. */
  isChance(fit: Fit, others: readonly Fit[]): boolean {
    const share = (of: Fit): number => {
      const told = this.differing.map(of).filter((is) => is !== null);
      return told.length === 0 ? 0 : told.filter((is) => is).length / told.length;
    };
    return others.some((other) => share(other) > BY_CHANCE * share(fit));
  }

  /** The fault with its evidence. */
  found(verdict: Verdict, fault: Pick<SystematicFault, 'kind' | 'side' | 'statement'>): FoundFault {
    const { fits, against, explained } = verdict;
    const [count, differing] = [explained.size, this.differing.length];
    return { fault: { ...fault, fits, against, explained: count, differing }, explained };
  }

  /** How the evidence calls a side. */
  name(side: Side): string {
    return this.compared.names[side];
  }
}

/** The other minute with which a relation between two of one minute is tried for chance. */
export const UNRELATED_MS = [7 * MINUTE, -13 * MINUTE, 29 * MINUTE];

/** Of each side the first that gives something. */
export function onEitherSide<T>(find: (side: Side) => T | null): T | null {
  for (const side of sides) {
    const found = find(side);
    if (found !== null) return found;
  }
  return null;
}
