import { MINUTE } from '../base/timeframe.ts';
import type { FactSources, SomeFacts } from './fact-sources.ts';
import { numberField, outcomeOf, timeOf } from './payload-fields.ts';
import { sizeUnitOf } from './size-unit.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What the trades before this one say: how many, how they ended, and of what size they were. */
export function historyFacts({ payload, earlier, now }: FactSources): SomeFacts {
  const size = numberField(payload, 'size');
  if (earlier === null) return { size };
  const at = timeOf(payload) ?? now;
  const trades = earlier
    .map((trade) => ({
      at: timeOf(trade.payload) ?? trade.at,
      payload: trade.payload,
      outcome: outcomeOf(trade.payload),
    }))
    // One of the same moment is this very trade, logged before it was asked about.
    .filter((trade) => trade.at < at)
    .sort((a, b) => b.at - a.at);
  const within = (ms: number) => trades.filter((trade) => at - trade.at <= ms);
  const ended = trades.filter(({ outcome }) => outcome !== null);
  const streak = ended.findIndex(({ outcome }) => outcome !== 'loss');
  const lastLoss = ended.find(({ outcome }) => outcome === 'loss');
  const last = trades[0]?.payload;
  // A lot and a unit cannot be compared by their numbers.
  const before = sizeUnitOf(last) === sizeUnitOf(payload) ? numberField(last, 'size') : null;
  const change = size === null || before === null || before <= 0 ? null : (size / before - 1) * 100;
  return {
    trades_last_hour: within(HOUR).length,
    trades_last_day: within(DAY).length,
    outcomes_known: ended.length,
    losing_streak: ended.length === 0 ? null : streak === -1 ? ended.length : streak,
    losses_last_day: ended.length === 0 ? null : within(DAY).filter(({ outcome }) => outcome === 'loss').length,
    minutes_since_loss: lastLoss === undefined ? null : Math.floor((at - lastLoss.at) / MINUTE),
    size,
    size_before: before,
    size_change: change,
    size_up_after_loss: change === null || ended.length === 0 ? null : change > 0 && ended[0]!.outcome === 'loss',
  };
}
