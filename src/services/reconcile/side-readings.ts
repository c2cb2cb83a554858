import type { GapRecord } from '../../domain/gap/gap.ts';
import type { SideBar } from '../../domain/parity/parity-bar.ts';
import { KeptReadings } from './kept-readings.ts';
import {
  gapsTouching,
  lateOn,
  type NamedLate,
  type SideData,
  type SideFollower,
  type SideSource,
} from './side-source.ts';

/** What stands somewhere, read again and again: `GrowingTopic`, `GrowingStream`. */
interface Growing<T> {
  readonly size: number;
  items(): Promise<T[]>;
  again(): Promise<T[]>;
  forget(isOld: (item: T) => boolean): void;
  unload(): void;
}

/** How a side's readings are begun. */
export interface Readings<B> {
  /** Of a symbol, all versions of its bars. */
  readonly bars: (symbol: string) => Growing<B>;
  /** The bar that was read; null where it could not be. */
  readonly barOf: (read: B) => SideBar | null;
  /** Of all symbols. */
  readonly gaps: () => Growing<GapRecord>;
  readonly late: () => Growing<NamedLate>;
}

type OfBars = Pick<SideData, 'bars' | 'unreadable' | 'ticksOf'>;
type OfSymbol<B> = (symbol: string, read: readonly B[]) => OfBars | Promise<OfBars>;

/** Reads a side: all of it each time, or on from where it was left. `ofBars`: what follows from the bars of a symbol. */
export function sideReadings<B>(readings: Readings<B>, ofBars: OfSymbol<B>): Pick<SideSource, 'read' | 'follow'> {
  return {
    async read(symbol) {
      const [bars, gaps, late] = [readings.bars(symbol), readings.gaps(), readings.late()];
      return {
        ...(await ofBars(symbol, await bars.items())),
        gaps: gapsTouching(symbol, await gaps.items()),
        late: lateOn(symbol, await late.items()),
      };
    },
    follow: () => new Follower(readings, ofBars),
  };
}

/** Bars that are kept from before what is followed: by where they stand it is known where the ticks are of the minutes after them. */
const LEAD = 120;

class Follower<B> implements SideFollower {
  readonly #barOf: (read: B) => SideBar | null;
  readonly #ofBars: OfSymbol<B>;
  readonly #bars: KeptReadings<Growing<B>>;
  readonly #gaps: Growing<GapRecord>;
  readonly #late: Growing<NamedLate>;
  #now: { readonly gaps: readonly GapRecord[]; readonly late: ReadonlyMap<string, readonly NamedLate[]> } | null = null;
  /** By symbol: from which start on bars are followed, and the bars before it that are known. */
  readonly #followed = new Map<string, { readonly from: number; known: ReadonlySet<string> }>();

  constructor(readings: Readings<B>, ofBars: OfSymbol<B>) {
    this.#barOf = readings.barOf;
    this.#ofBars = ofBars;
    this.#bars = new KeptReadings(readings.bars);
    this.#gaps = readings.gaps();
    this.#late = readings.late();
  }

  async begin(): Promise<void> {
    const late = await this.#late.items();
    this.#now = { gaps: await this.#gaps.items(), late: Map.groupBy(late, ({ symbol }) => symbol) };
  }

  async read(symbol: string): Promise<SideData & { readonly hasOlder: boolean }> {
    const data = await this.#dataOf(symbol, await this.#bars.of(symbol).items());
    return { ...data, hasOlder: this.#hasOlder(symbol, data.bars) };
  }

  async again(symbol: string): Promise<SideData> {
    return this.#dataOf(symbol, await this.#bars.of(symbol).again());
  }

  /** Whether there are bars from before what is followed that were not known; from now on they are. */
  #hasOlder(symbol: string, bars: readonly SideBar[]): boolean {
    const followed = this.#followed.get(symbol);
    if (followed === undefined) return false;
    const before = bars.filter(({ start }) => start < followed.from).map(textOf);
    const { known } = followed;
    followed.known = new Set(before);
    return before.some((bar) => !known.has(bar));
  }

  async #dataOf(symbol: string, read: readonly B[]): Promise<SideData> {
    if (this.#now === null) await this.begin();
    const { gaps, late } = this.#now!;
    return {
      ...(await this.#ofBars(symbol, read)),
      gaps: gapsTouching(symbol, gaps),
      late: lateOn(symbol, late.get(symbol) ?? []),
    };
  }

  async endTurn(symbol: string, before: number): Promise<void> {
    const followed = this.#followed.get(symbol);
    if (before > (followed?.from ?? Number.NEGATIVE_INFINITY)) await this.#forget(symbol, before);
    this.#bars.endTurn(symbol);
  }

  async #forget(symbol: string, before: number): Promise<void> {
    const reading = this.#bars.of(symbol);
    const isOld = (read: B): SideBar | null => {
      const bar = this.#barOf(read);
      return bar !== null && bar.start < before ? bar : null;
    };
    const old: SideBar[] = [];
    reading.forget((read) => {
      const bar = isOld(read);
      if (bar !== null) old.push(bar);
      return false;
    });
    const lead = new Set(old.slice(-LEAD));
    reading.forget((read) => {
      const bar = isOld(read);
      return bar !== null && !lead.has(bar);
    });
    // Of the older form all comes each time.
    const left =
      old.length > 0 ? [...lead] : (await this.#ofBars(symbol, [])).bars.filter(({ start }) => start < before);
    this.#followed.set(symbol, { from: before, known: new Set(left.map(textOf)) });
    const oldest = Math.min(...[...this.#followed.values()].map(({ from }) => from));
    this.#late.forget(({ ts }) => ts < oldest);
  }
}

const textOf = (bar: SideBar): string => JSON.stringify(bar);
