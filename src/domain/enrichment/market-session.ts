import { offsetAt } from '../base/time-zone.ts';
import { MINUTE } from '../base/timeframe.ts';

/**
 * The trading session of an instant. `off`: a working day between sessions. `closed`: the weekend of the currency market, Friday 17:00
 * to Sunday 17:00 in New York.
 */
export const marketSessions = [
  'asia',
  'asia_london',
  'london',
  'london_new_york',
  'new_york',
  'off',
  'closed',
] as const;
export type MarketSession = (typeof marketSessions)[number];

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const QUARTER = 15 * MINUTE;
/** Clock hours [from, to) by the clock of each place, the summer time of which is its own. */
const TOKYO = { timeZone: 'Asia/Tokyo', from: 9, to: 18 };
const LONDON = { timeZone: 'Europe/London', from: 8, to: 17 };
const NEW_YORK = { timeZone: 'America/New_York', from: 8, to: 17 };

/**
 * Which sessions are open at `ts` (epoch milliseconds): Asia 09:00 to 18:00 in Tokyo, London and New York 08:00 to 17:00 there, the end
 * excluded. A market that never closes (`weekends: 'open'`) has its sessions at weekends too.
 */
export function marketSession(ts: number, { weekends = 'closed' }: SessionOptions = {}): MarketSession {
  if (weekends === 'closed' && isFxWeekend(ts)) return 'closed';
  const asia = isOpen(TOKYO, ts);
  const london = isOpen(LONDON, ts);
  const newYork = isOpen(NEW_YORK, ts);
  if (london) return asia ? 'asia_london' : newYork ? 'london_new_york' : 'london';
  return asia ? 'asia' : newYork ? 'new_york' : 'off';
}

export interface SessionOptions {
  readonly weekends?: 'closed' | 'open';
}

/** The same, for ticks: sessions change on the quarter hour, so that one look-up serves all ticks of it. */
export class SessionClock {
  readonly #options: SessionOptions;
  #quarter = Number.NaN;
  #session: MarketSession = 'off';

  constructor(options: SessionOptions = {}) {
    this.#options = options;
  }

  at(ts: number): MarketSession {
    const quarter = Math.floor(ts / QUARTER);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#session = marketSession(quarter * QUARTER, this.#options);
    }
    return this.#session;
  }
}

function isOpen({ timeZone, from, to }: typeof TOKYO, ts: number): boolean {
  const time = (ts + offsetAt(timeZone, ts)) % DAY;
  return time >= from * HOUR && time < to * HOUR;
}

function isFxWeekend(ts: number): boolean {
  const local = ts + offsetAt(NEW_YORK.timeZone, ts);
  // 1 January 1970 was a Thursday: from Sunday 17:00 on, the week counts from 0.
  const sinceOpen = (((local - (3 * DAY + 17 * HOUR)) % (7 * DAY)) + 7 * DAY) % (7 * DAY);
  return sinceOpen >= 5 * DAY;
}
