import { coins, currencies, metals, stableCoins } from '../instrument/currencies.ts';
import type { Instrument } from '../instrument/instrument.ts';
import type { Rate, RateProblem } from './conversion.ts';
import { isGiven, numberField, sides, wordField } from './payload-fields.ts';
import { sizeUnitOf, sizeUnits, unitsOfOne } from './size-unit.ts';

/** What the risk of a trade in money follows from, and what makes each known. */
export const riskInputs = {
  entry: 'trade.entry (a price)',
  stop: 'trade.stop (a price)',
  side: 'trade.side (long or short)',
  stop_side: 'trade.stop on the losing side of the entry',
  size: 'trade.size (a number above zero)',
  size_unit: `trade.size_unit (${Object.keys(sizeUnits).join(', ')})`,
  contract_size: 'contractSize of the symbol in the table of instruments (PULSE_INSTRUMENTS)',
  quote: 'quote, the currency of the symbol’s prices, in the table of instruments (PULSE_INSTRUMENTS)',
  equity: 'account.equity (money, above zero)',
  currency: 'account.currency (such as EUR; or the setting ACCOUNT_CURRENCY)',
  rate: 'a rate on the tape',
} as const;
export type RiskInput = keyof typeof riskInputs;

const codes: Readonly<Record<string, string>> = Object.fromEntries(
  [...currencies, ...stableCoins, ...coins, ...Object.keys(metals)].map((code) => [code.toLowerCase(), code]),
);

/**
 * The currency of the account: what the payload names, or else the setting. A payload that names one which is not known is not overruled: null.
 */
export const accountCurrencyOf = (payload: unknown, setting: string | null): string | null =>
  isGiven(payload, 'currency') ? wordField(payload, 'currency', codes) : setting;

/** A price of a payload. Where prices at or below zero are not legal, such a one stands for none: platforms write 0 for "not set". */
export function priceField(
  payload: unknown,
  field: 'entry' | 'stop' | 'target',
  instrument: Pick<Instrument, 'nonPositive'> | null,
): number | null {
  const price = numberField(payload, field);
  return price !== null && price <= 0 && instrument?.nonPositive !== true ? null : price;
}

export interface TradeRisk {
  /** What is not known, in the order of `riskInputs`; empty exactly where the risk is known. */
  readonly missing: readonly RiskInput[];
  /** Size in units of the base. */
  readonly units: number | null;
  /** Lost at the stop, in the quote currency. */
  readonly quoteMoney: number | null;
  /** Lost at the stop, in the currency of the account. */
  readonly money: number | null;
  /** Of the equity, 0.01 = 1 %. */
  readonly share: number | null;
  readonly equity: number | null;
  readonly quote: string | null;
  readonly currency: string | null;
  /** From the quote currency to that of the account; null: none is needed, or there is none. */
  readonly rate: Rate | null;
}

interface RiskSources {
  readonly payload: unknown;
  readonly instrument: Instrument | null;
  readonly accountCurrency: string | null;
  /** From the quote currency to that of the account; null: none was looked for. */
  readonly rate: Rate | RateProblem | null;
}

/**
 * What is lost where the stop is hit at its price: |entry − stop| × units of the base, in the quote currency, converted into that of the account.
 * Spread, slippage, fees and what the rate does until then are left aside.
 */
export function tradeRisk({ payload, instrument, accountCurrency, rate: found }: RiskSources): TradeRisk {
  const entry = priceField(payload, 'entry', instrument);
  const stop = priceField(payload, 'stop', instrument);
  const side = wordField(payload, 'side', sides);
  const units = unitsOf(payload, instrument);
  const size = sizeOf(payload, side);
  const quote = instrument?.quote ?? null;
  const equity = above(numberField(payload, 'equity'));
  const currency = accountCurrencyOf(payload, accountCurrency);
  const rate = typeof found === 'object' ? found : null;
  const factor = quote === null || currency === null ? null : quote === currency ? 1 : (rate?.rate ?? null);
  const wrongSide = entry !== null && stop !== null && side !== null && isWrongSide(entry, stop, side);
  const unknown: readonly (readonly [RiskInput, boolean])[] = [
    ['entry', entry === null],
    ['stop', stop === null],
    ['side', side === null],
    ['stop_side', wrongSide],
    ['size', size === null],
    ['size_unit', units === 'size_unit'],
    ['contract_size', units === 'contract_size'],
    ['quote', quote === null],
    ['equity', equity === null],
    ['currency', currency === null],
    ['rate', quote !== null && currency !== null && factor === null],
  ];
  const missing = unknown.flatMap(([input, isMissing]) => (isMissing ? [input] : []));
  const inUnits = size !== null && typeof units === 'number' ? size * units : null;
  const priced = entry !== null && stop !== null && side !== null && !wrongSide && quote !== null;
  const quoteMoney = priced && inUnits !== null ? Math.abs(entry - stop) * inUnits : null;
  const money = quoteMoney === null || factor === null ? null : quoteMoney * factor;
  const share = money === null || equity === null ? null : money / equity;
  return { missing, units: inUnits, quoteMoney, money, share, equity, quote, currency, rate };
}

/** A stop at the entry, or beyond it on the winning side, limits nothing. */
export const isWrongSide = (price: number, stop: number, side: 'long' | 'short'): boolean =>
  side === 'long' ? price <= stop : price >= stop;

const above = (value: number | null): number | null => (value !== null && value > 0 ? value : null);

/** Some platforms write the size of a short as a negative number; of a long such a one contradicts its side. */
function sizeOf(payload: unknown, side: 'long' | 'short' | null): number | null {
  const size = numberField(payload, 'size');
  return size === null ? null : above(side === 'short' ? Math.abs(size) : size);
}

/** Units of the base that one of the size is, or what would tell. Where a contract is one unit the unit need not be named. */
function unitsOf(payload: unknown, instrument: Instrument | null): number | 'size_unit' | 'contract_size' {
  const contractSize = instrument?.contractSize ?? null;
  const unit = sizeUnitOf(payload);
  if (unit === null) return contractSize === 1 && !isGiven(payload, 'size_unit') ? 1 : 'size_unit';
  return unitsOfOne(unit, contractSize) ?? 'contract_size';
}
