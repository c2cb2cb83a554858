import { type CalendarName, tradingCalendars } from '../calendar/trading-calendar.ts';
import type { PriceBar } from './detector.ts';

interface Extreme {
  readonly price: number;
  /** Start of its bar, epoch milliseconds; of equal ones the first. */
  readonly start: number;
}

export interface SessionExtremes {
  readonly high: Extreme;
  readonly low: Extreme;
}

/** The session under way, as far as bars have come. */
export interface SessionRange extends SessionExtremes {
  /** Its end, epoch milliseconds; no longer part of it. */
  readonly to: number;
}

/** The session under way after `bar`, and the extremes of the one that it found ended. Bars outside all sessions belong to none. */
export function sessionRange(
  calendar: CalendarName,
  session: SessionRange | null,
  bar: PriceBar,
): { session: SessionRange | null; ended: SessionExtremes | null } {
  if (session !== null && bar.start < session.to) return { session: stretched(session, bar), ended: null };
  const now = tradingCalendars[calendar].sessionOf(bar.start);
  const high = { price: bar.high, start: bar.start };
  const low = { price: bar.low, start: bar.start };
  return { session: now && { to: now.to, high, low }, ended: session && { high: session.high, low: session.low } };
}

function stretched(session: SessionRange, bar: PriceBar): SessionRange {
  if (bar.high <= session.high.price && bar.low >= session.low.price) return session;
  return {
    to: session.to,
    high: bar.high > session.high.price ? { price: bar.high, start: bar.start } : session.high,
    low: bar.low < session.low.price ? { price: bar.low, start: bar.start } : session.low,
  };
}
