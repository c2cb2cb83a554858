import { defaultIndicators } from '../../src/domain/analysis/indicator-options.ts';
import { defaultBarOptions } from '../../src/domain/bar/bar-options.ts';
import { type CalendarName, tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import type { EnrichmentOptions } from '../../src/domain/enrichment/symbol-enricher.ts';

/** How enrichment works by default, for a market of that calendar. */
export const enrichmentOptions = (calendar: CalendarName = '24x7', correctionWindowMs = 0): EnrichmentOptions => ({
  bars: { ...defaultBarOptions, correctionWindowMs, composites: ['5m', '15m', '1h'] },
  nonPositive: () => false,
  indicators: defaultIndicators,
  timeframes: ['1m', '5m', '15m', '1h'],
  calendarOf: () => tradingCalendars[calendar],
  priceIncrementOf: () => null,
});
