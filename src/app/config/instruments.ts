import { decimalText, parseDecimal } from '../../domain/base/decimal.ts';
import { type TradingCalendar, tradingCalendars } from '../../domain/calendar/trading-calendar.ts';
import {
  type Instrument,
  type InstrumentSettings,
  instrumentOf,
  type ShownSteps,
} from '../../domain/instrument/instrument.ts';
import { symbolMatcher } from '../../domain/instrument/symbol-pattern.ts';
import type { Values } from './settings.ts';

/** What applies to a symbol, by configuration; `shown`: what its tape shows, where that is known. */
export type Instruments = (symbol: string, shown?: ShownSteps) => Instrument;

export function instrumentsOf(values: Values): Instruments {
  const sources = { table: values.instruments ?? [], settings: settingsOf(values) };
  const known = new Map<string, Instrument>();
  return (symbol, shown) => {
    if (shown !== undefined) return instrumentOf(symbol, sources, shown);
    let instrument = known.get(symbol);
    if (instrument === undefined) {
      instrument = instrumentOf(symbol, sources);
      known.set(symbol, instrument);
    }
    return instrument;
  };
}

/** The trading calendar of each symbol. */
export function calendarsOf(values: Values): (symbol: string) => TradingCalendar {
  const instruments = instrumentsOf(values);
  return (symbol) => tradingCalendars[instruments(symbol).calendar];
}

/** What PIP_SIZE, TOL_PRICE_TICKS, TOL_VOLUME, CALENDARS and NON_POSITIVE_PRICES say of a symbol, where they are set. */
function settingsOf({ pipSize, tolPriceTicks, tolVolume, calendars, nonPositivePrices }: Values) {
  const byPattern = [...(calendars ?? [])].map(([pattern, name]) => ({ matches: symbolMatcher(pattern), name }));
  const mayBeNonPositive = nonPositivePrices.map(symbolMatcher);
  return (symbol: string): InstrumentSettings => {
    const calendar = byPattern.find(({ matches }) => matches(symbol))?.name;
    return {
      ...(pipSize !== null && { pip: exact(pipSize) }),
      ...((pipSize !== null || tolPriceTicks !== null) && { priceTicks: tolPriceTicks ?? 1 }),
      ...(tolVolume !== null && { volumeTolerance: { amount: exact(tolVolume) } }),
      ...(calendar !== undefined && { calendar }),
      ...(mayBeNonPositive.some((matches) => matches(symbol)) && { nonPositive: true }),
    };
  };
}

/** As decimal text: a double may be written with an exponent. */
const exact = (value: number): string => decimalText(parseDecimal(String(value))!);
