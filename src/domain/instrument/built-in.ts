import { coins, currencies, metals, smallCurrencies, stableCoins } from './currencies.ts';
import type { InstrumentFields } from './instrument-rule.ts';

/** Rules for what has the same form everywhere. */
export interface BuiltInRule {
  readonly name: string;
  /** Which symbols it is about, and what it says of them, for the docs. */
  readonly about: string;
  /** Two parts of a symbol, which may have `.`, `_` or `-` between them. */
  readonly of: (base: string, quote: string) => InstrumentFields | null;
  /** A symbol of its kind, for the docs. */
  readonly example: string;
}

const isCurrency = (code: string): boolean => (currencies as readonly string[]).includes(code);

export const builtInRules: readonly BuiltInRule[] = [
  {
    name: 'fx pair',
    about: `two of ${currencies.join(' ')}; a pip is the second decimal where the quote is ${smallCurrencies.join(', ')}, else the fourth, and prices have one decimal more`,
    example: 'EURUSD',
    of(base, quote) {
      if (!isCurrency(base) || !isCurrency(quote) || base === quote) return null;
      const isSmall = smallCurrencies.includes(quote);
      const [pip, priceIncrement] = isSmall ? ['0.01', '0.001'] : ['0.0001', '0.00001'];
      return { priceIncrement, pip, contractSize: 100_000, base, quote, calendar: 'fx' };
    },
  },
  {
    name: 'metal',
    about: `${Object.keys(metals).join(', ')} in a currency; a contract is in troy ounces`,
    example: 'XAUUSD',
    of(base, quote) {
      if (!Object.hasOwn(metals, base) || !isCurrency(quote)) return null;
      return { ...metals[base as keyof typeof metals], base, quote, calendar: 'fx' };
    },
  },
  {
    name: 'crypto pair',
    about: `anything in ${stableCoins.join(', ')}; and ${coins.join(' ')} in a currency or one another. Increments differ from venue to venue: they are what the tape shows`,
    example: 'BTC-USD',
    of(base, quote) {
      const isCoin = (code: string): boolean => (coins as readonly string[]).includes(code);
      const isPair = (stableCoins as readonly string[]).includes(quote)
        ? !isCurrency(base) || base === 'EUR'
        : isCoin(base) && (isCoin(quote) || isCurrency(quote));
      return isPair && base !== quote ? { contractSize: 1, base, quote, calendar: '24x7' } : null;
    },
  },
];

const PAIR = /^([A-Z0-9]{2,10})[._-]([A-Z]{3,5})$/;
const QUOTES = [...stableCoins, ...currencies, ...coins].sort((a, b) => b.length - a.length);

/** The two parts that a symbol may consist of: where nothing stands between them, each way to divide it. */
function* partsOf(symbol: string): Generator<readonly [base: string, quote: string]> {
  const name = symbol.toUpperCase();
  const divided = PAIR.exec(name);
  if (divided !== null) return yield [divided[1]!, divided[2]!];
  for (const quote of QUOTES)
    if (name.endsWith(quote) && name.length >= quote.length + 2) yield [name.slice(0, -quote.length), quote];
}

/** The rule for symbols of this form, and what it says of this one; null where there is none. */
export function builtInFor(symbol: string): { readonly rule: string; readonly fields: InstrumentFields } | null {
  for (const { name, of } of builtInRules)
    for (const [base, quote] of partsOf(symbol)) {
      const fields = /^[A-Z0-9]+$/.test(base) ? of(base, quote) : null;
      if (fields !== null) return { rule: name, fields };
    }
  return null;
}
