import { MINUTE, timeframes } from '../base/timeframe.ts';
import { marketSession, marketSessions } from '../enrichment/market-session.ts';
import type { FactSources, SomeFacts } from './fact-sources.ts';
import { timeOf } from './payload-fields.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Minutes, by steps that grow with the age: the same question a moment later is then still the same. */
export function coarseMinutes(ms: number): number {
  const step = ms < HOUR ? 5 * MINUTE : ms < DAY ? HOUR : DAY;
  return (Math.floor(Math.max(0, ms) / step) * step) / MINUTE;
}

/** Timeframe, session and age of a payload. */
export function timeFacts({ payload, instrument, now }: FactSources): SomeFacts {
  const claimed = payload.market.session?.toLowerCase().replace(/[ +/-]+/g, '_');
  const timeframe = payload.market.timeframe.toLowerCase();
  const claims = {
    timeframe: timeframes.find((each) => each === timeframe) ?? null,
    session_claimed: marketSessions.find((session) => session === claimed) ?? null,
  };
  const at = timeOf(payload);
  if (at === null) return claims;
  return {
    ...claims,
    session: marketSession(at, { weekends: instrument?.calendar === '24x7' ? 'open' : 'closed' }),
    age: coarseMinutes(now - at),
    from_future: at - now > MINUTE,
  };
}
