import { parseDecimal } from '../base/decimal.ts';
import type { SideBar } from '../parity/parity-bar.ts';
import type { ShownSteps } from './instrument.ts';
import { priceText } from './price-text.ts';

/** Bars of each side that are looked at: more show nothing new. */
const NEWEST = 2_000;

const PRICES = ['open', 'high', 'low', 'close'] as const;

/** The finest decimals that bars show, each side's newest ones: of prices as people quote them, of volumes as they stand. */
export function shownSteps(...sides: readonly (readonly SideBar[])[]): ShownSteps {
  const newest = sides.flatMap((bars) => bars.slice(-NEWEST)).filter(({ n }) => n !== 0);
  return {
    price: finest(newest.flatMap((bar) => PRICES.map((field) => priceText(bar[field], null)))),
    volume: finest(newest.map(({ volume }) => volume)),
  };
}

/** The finer ones of both. */
export function finestSteps(a: ShownSteps, b: ShownSteps | null): ShownSteps {
  const of = (...steps: readonly (string | null)[]): string | null => finest(steps.filter((step) => step !== null));
  return { price: of(a.price, b?.price ?? null), volume: of(a.volume, b?.volume ?? null) };
}

function finest(texts: readonly string[]): string | null {
  let scale: number | null = null;
  for (const text of texts) scale = Math.max(scale ?? 0, parseDecimal(text)?.scale ?? 0);
  return scale === null ? null : scale === 0 ? '1' : `0.${'0'.repeat(scale - 1)}1`;
}
