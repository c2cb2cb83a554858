import type { ShownSteps } from '../../domain/instrument/instrument.ts';
import type { Side } from '../../domain/parity/parity-bar.ts';
import { ReadTicks } from './read-ticks.ts';
import {
  type CompareOptions,
  compareSides,
  otherSymbols,
  type Reconciled,
  type ReconcileRules,
  type Sides,
} from './reconcile.ts';
import type { SideData, SideFollower } from './side-source.ts';

export type Followers = Readonly<Record<Side, SideFollower>>;

/** Compares a symbol again and again, from the newest session that is settled on: what lies before that is neither kept nor read. */
export class FollowedSymbol {
  readonly #symbol: string;
  readonly #sides: Sides;
  readonly #followers: Followers;
  readonly #rules: ReconcileRules;
  readonly #ticks = new ReadTicks();
  /** Bars before this start are not looked at any more (epoch milliseconds). */
  #from = Number.NEGATIVE_INFINITY;
  /** The finest steps that bars showed, of those that were forgotten too. */
  #shown: ShownSteps | null = null;
  #isOlder = false;

  constructor(symbol: string, sides: Sides, followers: Followers, rules: ReconcileRules) {
    this.#symbol = symbol;
    this.#sides = sides;
    this.#followers = followers;
    this.#rules = rules;
  }

  /**
   * Whether something came that changes what is not looked at any more: a bar of it, or finer decimals than were known. Then all that stands
   * there is to be compared. It stays so until `wholeCompared`, whatever fails before.
   */
  get isOlder(): boolean {
    return this.#isOlder;
  }

  wholeCompared(): void {
    this.#isOlder = false;
  }

  async compare(now: number): Promise<Reconciled> {
    const incumbent = await this.#followers.incumbent.read(this.#symbol);
    this.#isOlder ||= incumbent.hasOlder;
    const candidate = await this.#followers.candidate.read(this.#symbol);
    this.#isOlder ||= candidate.hasOlder;
    return this.#compareData({ incumbent, candidate }, now);
  }

  /** The same, not from memory: what was taken away since is not in it. And other symbols are looked at, where one may be mixed up. */
  async again(now: number): Promise<Reconciled> {
    const { incumbent, candidate } = this.#followers;
    const data = { incumbent: await incumbent.again(this.#symbol), candidate: await candidate.again(this.#symbol) };
    return this.#compareData(data, now, { others: otherSymbols(this.#sides, this.#symbol) });
  }

  async #compareData(
    data: Readonly<Record<Side, SideData>>,
    now: number,
    more: Pick<CompareOptions, 'others'> = {},
  ): Promise<Reconciled> {
    const options = { now, ticks: this.#ticks, from: this.#from, shown: this.#shown, ...more };
    const reconciled = await compareSides(data, this.#symbol, { every: 'session' }, this.#rules, options);
    const { price, volume } = reconciled.shown;
    if (this.#shown !== null) this.#isOlder ||= price !== this.#shown.price || volume !== this.#shown.volume;
    this.#shown = reconciled.shown;
    return reconciled;
  }

  /** Ends its turn: forgets what is settled, but for the newest session: minutes outside of the calendar's that come after it belong to it. */
  async endTurn({ compared }: Reconciled): Promise<void> {
    const open = compared.findIndex(({ report }) => !report.whole);
    this.#from = Math.max(this.#from, compared.at(open)?.report.from ?? this.#from);
    for (const follower of Object.values(this.#followers)) await follower.endTurn(this.#symbol, this.#from);
  }
}
