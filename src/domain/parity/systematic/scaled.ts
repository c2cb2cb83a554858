import { parseDecimal } from '../../base/decimal.ts';
import { priceText } from '../../instrument/price-text.ts';
import type { SideBar } from '../parity-bar.ts';
import type { FoundFault, SystematicKind } from './fault.ts';
import { type ComparedMinute, type Fit, UNRELATED_MS, type View } from './view.ts';

const PRICES = ['open', 'high', 'low', 'close'] as const;
/** Of doubles that were multiplied, and written as text. */
const SLACK = 1e-9;
/** Factors closer to one than this are none. */
const NO_FACTOR = 1e-7;
/** How far from the median a ratio of rounded figures may be. */
const NEAR = 0.1;

interface Pair {
  readonly a: SideBar;
  readonly b: SideBar;
}

/** How the candidate's figures follow from the incumbent's; null: not by one factor. `slack`: half a step of what either side writes. */
interface Relation {
  readonly factor: number;
  readonly slack: number;
}

/** Prices or volumes of the candidate are those of the incumbent times a constant. */
export function scaled(view: View): FoundFault | null {
  const pairs = pairsOf(view.differing, 0, view);
  const [price, volume] = [relationOf(pairs, pricesOf), relationOf(pairs, volumesOf)];
  // Without differing prices that there were a factor for, they have to agree; and so with volumes.
  for (const [asPrice, asVolume] of [
    [price, null],
    [null, volume],
    [price, volume],
  ] as const) {
    if (asPrice === null && asVolume === null) continue;
    const fit = fitOf(view, asPrice, asVolume, 0);
    const verdict = view.judge(fit);
    const others = UNRELATED_MS.map((off) => {
      const unrelated = pairsOf(view.differing, off, view);
      return fitOf(view, asPrice && relationOf(unrelated, pricesOf), asVolume && relationOf(unrelated, volumesOf), off);
    });
    if (!verdict.holds || view.isChance(fit, others)) continue;
    return view.found(verdict, {
      kind: kindOf(asPrice, asVolume),
      side: null,
      statement: statementOf(view, asPrice, asVolume),
    });
  }
  return null;
}

const pricesOf = (bar: SideBar): number[] => PRICES.map((field) => bar[field]);
const volumesOf = ({ volume }: SideBar): number[] => [Number(volume)];

/** Bars of one minute of both sides, or, to try for chance, of minutes that have nothing to do with each other. */
const pairsOf = (minutes: readonly ComparedMinute[], off: number, { index }: View): Pair[] =>
  minutes.flatMap(({ start, incumbent: a }) => {
    const b = index.candidate.get(start + off) ?? null;
    return a === null || b === null ? [] : [{ a, b }];
  });

/** The factor by least squares over what is near the median one: no single rounded figure decides it, nor a bar that is wrong besides. */
function relationOf(pairs: readonly Pair[], of: (bar: SideBar) => number[]): Relation | null {
  const [as, bs] = [pairs.flatMap(({ a }) => of(a)), pairs.flatMap(({ b }) => of(b))];
  const ratios = as.map((a, i) => bs[i]! / a);
  const sorted = ratios.filter(Number.isFinite).sort((x, y) => x - y);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) return null;
  let [products, squares] = [0, 0];
  as.forEach((a, i) => {
    if (!(Math.abs(ratios[i]! - median) <= NEAR * Math.abs(median))) return;
    products += a * bs[i]!;
    squares += a * a;
  });
  const factor = Number((products / squares).toPrecision(9));
  if (!Number.isFinite(factor) || Math.abs(factor - 1) < NO_FACTOR) return null;
  return { factor, slack: stepOf(bs) / 2 + (Math.abs(factor) * stepOf(as)) / 2 };
}

/** The finest step that figures show. */
function stepOf(figures: readonly number[]): number {
  const scale = figures.reduce((most, figure) => Math.max(most, parseDecimal(priceText(figure, null))?.scale ?? 0), 0);
  return 10 ** -scale;
}

function fitOf(view: View, price: Relation | null, volume: Relation | null, off: number): Fit {
  const holds = ({ factor, slack }: Relation, as: readonly number[], bs: readonly number[]): boolean =>
    as.every(
      (a, i) =>
        Math.abs(bs[i]! - factor * a) <= slack * (1 + SLACK) + SLACK * Math.abs(bs[i]!) + SLACK * Math.abs(factor * a),
    );
  return ({ start, incumbent: a }) => {
    const b = view.index.candidate.get(start + off);
    // Minutes that only one side has say nothing of figures; that there are many of them is not explained.
    if (a === null || b === undefined) return off === 0 ? false : null;
    // As many ticks twice over give twice the volume too, and are no matter of scale.
    if (off === 0 && a.n !== null && b.n !== null && a.n !== b.n) return false;
    const asPrices = price === null ? view.samePrices(a, b) : holds(price, pricesOf(a), pricesOf(b));
    const asVolumes = volume === null ? sameVolume(view, a, b) : holds(volume, volumesOf(a), volumesOf(b));
    return asPrices && asVolumes;
  };
}

const sameVolume = (view: View, a: SideBar, b: SideBar): boolean =>
  view.same({ ...a, volume: a.volume }, { ...a, volume: b.volume });

const kindOf = (price: Relation | null, volume: Relation | null): SystematicKind =>
  price === null ? 'volumes scaled' : volume === null ? 'prices scaled' : 'prices and volumes scaled';

function statementOf(view: View, price: Relation | null, volume: Relation | null): string {
  const factorText = ({ factor }: Relation): string => String(Number(factor.toPrecision(6)));
  const parts = [
    ...(price === null ? [] : [`prices are those of the ${view.name('incumbent')} times ${factorText(price)}`]),
    ...(volume === null
      ? []
      : [
          `volumes are ${volume.factor === 0 ? 'all 0' : `those of the ${view.name('incumbent')} times ${factorText(volume)}`}`,
        ]),
  ];
  return `the ${view.name('candidate')}'s ${parts.join(', and its ')}`;
}
