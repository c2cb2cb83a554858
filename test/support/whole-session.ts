import type { Session, TradingCalendar } from '../../src/domain/calendar/trading-calendar.ts';
import type { Comparison } from '../../src/domain/parity/comparison.ts';

/** What is compared of EURUSD: all of a session, which is settled. */
export const wholeSession = (
  calendar: TradingCalendar,
  session: Session,
): Omit<Comparison, 'incumbent' | 'candidate'> => ({
  symbol: 'EURUSD',
  calendar,
  session,
  from: session.from,
  to: session.to,
  settled: session.to,
  tolerance: { pipSize: 0.0001, priceTicks: 1, volume: '1' },
  threshold: 99.9,
});
