export type FactUnit =
  | 'percent'
  | 'count'
  | 'minutes'
  | 'ratio'
  | 'points'
  | 'price'
  | 'bars'
  | 'money'
  | 'units'
  | 'word'
  | 'name'
  | 'yes/no';

export interface FactSpec {
  readonly unit: FactUnit;
  readonly about: string;
}

const spec = (unit: FactUnit, about: string): FactSpec => ({ unit, about });

/**
 * Everything that guidance may know of a trade. `percent` is of equity where nothing else is said: 1.5 is 1.5 %. Words are of closed lists;
 * names are those of currencies, symbols of the tape and moments, told as they are. `money` is in the currency of the account unless `about` says otherwise.
 */
export const factSpecs = {
  side: spec('word', 'long or short'),
  timeframe: spec('word', 'of the payload, where it is one of the known ones'),
  trade_missing: spec('yes/no', 'the payload holds no trade: neither entry, stop, side nor size'),
  risk_per_trade: spec(
    'percent',
    'at stake in this trade; where what is computed and what is stated differ, the larger',
  ),
  risk_basis: spec('word', 'where the risk of the trade is from: computed, stated by the payload, or contradictory'),
  risk_computed: spec('percent', 'money lost at the stop, of the equity'),
  risk_stated: spec('percent', 'risk of the trade as the payload states it'),
  risk_missing: spec('word', 'what the money lost at the stop cannot be computed without'),
  risk_money: spec('money', 'lost at the stop: risk in the quote currency times the rate'),
  risk_quote: spec('money', 'lost at the stop, in the quote currency: distance of the stop times units'),
  units: spec('units', 'size in units of the base: size times the contract size, as its unit says'),
  equity: spec('money', 'equity of the account'),
  account_currency: spec('name', 'currency of the account'),
  quote_currency: spec('name', 'currency of the prices of the symbol'),
  rate: spec('price', 'from the quote currency to that of the account'),
  rate_path: spec('name', 'symbols of the tape that the rate is of'),
  rate_time: spec('name', 'when the oldest close in the rate is from'),
  rate_problem: spec(
    'word',
    'why there is no rate: none on the tape, stale, only later than the trade, or the tape could not be read (away)',
  ),
  risk_per_trade_limit: spec('percent', 'most that one trade may lose'),
  risk_per_trade_used: spec('ratio', 'the trade’s risk divided by its limit'),
  open_positions: spec('count', 'positions open now'),
  positions_limit: spec('count', 'most positions at once'),
  exposure: spec('percent', 'at risk in open positions'),
  exposure_estimated: spec(
    'yes/no',
    'whether the exposure is the open positions times the limit of one trade, as nothing better was given',
  ),
  exposure_limit: spec('percent', 'most positions times most risk of one trade'),
  exposure_with_trade: spec('percent', 'exposure with this trade added'),
  drawdown: spec('percent', 'lost today'),
  drawdown_limit: spec('percent', 'most that a day may lose'),
  drawdown_used: spec('ratio', 'drawdown divided by its limit'),
  drawdown_with_trade: spec('percent', 'lost today, and the risk of this trade'),
  entry: spec('price', 'planned or actual entry'),
  stop: spec('price', 'stop'),
  target: spec('price', 'target'),
  stop_distance: spec('price', 'from the entry to the stop'),
  price: spec('price', 'newest close of the market'),
  market_data: spec('word', 'bars of the symbol: fresh, stale, none, or could not be read (away)'),
  stop_missing: spec('yes/no', 'a trade is planned or open, and no stop is given'),
  stop_wrong_side: spec('yes/no', 'the stop does not lie on the losing side of the entry'),
  stop_passed: spec('yes/no', 'positions are open, and the newest close is beyond the stop'),
  stop_moved_away: spec('yes/no', 'the payload says that the stop was moved away from the price'),
  stop_distance_atr: spec('ratio', 'distance of the stop from the entry in ATRs'),
  reward_to_risk: spec('ratio', 'distance of the target divided by that of the stop'),
  trend: spec('word', 'up, down, sideways or mixed, of all that was read'),
  trend_payload: spec('word', 'up, down, sideways or mixed, of the indicators of the payload'),
  trend_analysis: spec('word', 'up, down or sideways, of the newest analysis'),
  trend_higher: spec('word', 'up or down: where longer timeframes point while they are in conflict with this one'),
  against_trend: spec('yes/no', 'the trade goes against the trend'),
  adx: spec('points', 'strength of the trend, 0 to 100'),
  macd_histogram: spec('price', 'MACD line minus its signal'),
  average_short: spec('price', 'shortest moving average of the payload'),
  average_short_period: spec('bars', 'its period'),
  average_long: spec('price', 'longest moving average of the payload'),
  average_long_period: spec('bars', 'its period'),
  rsi: spec('points', 'RSI of the payload, or else of the newest analysis, 0 to 100'),
  rsi_analysis: spec('points', 'RSI of the newest analysis'),
  atr: spec('price', 'average true range'),
  atr_percent: spec('percent', 'average true range, of the price'),
  volatility: spec('word', 'low, normal, high or extreme, of the newest analysis'),
  maturity: spec('ratio', 'how ripe the set-up is, 0 to 1, of the newest analysis'),
  grade: spec('word', 'A to D, of the newest analysis'),
  analysis_age: spec('minutes', 'from the end of the analysed bar to the payload, in coarse steps'),
  session: spec('word', 'the trading session at the time of the payload'),
  session_claimed: spec('word', 'the session that the payload names, where it is one of the known ones'),
  age: spec('minutes', 'from the payload to now, in coarse steps'),
  from_future: spec('yes/no', 'the payload is dated more than a minute ahead'),
  trades_last_hour: spec('count', 'earlier trades of the strategy within the hour before this one'),
  trades_last_day: spec('count', 'earlier trades of the strategy within 24 hours before this one'),
  outcomes_known: spec('count', 'earlier trades of the strategy whose outcome is known'),
  losing_streak: spec('count', 'losses in a row, up to this trade'),
  losses_last_day: spec('count', 'losses within 24 hours before this trade'),
  minutes_since_loss: spec('minutes', 'since the last loss'),
  size: spec('ratio', 'size of this trade'),
  size_before: spec('ratio', 'size of the trade before'),
  size_change: spec('percent', 'size of this trade against the one before'),
  size_up_after_loss: spec('yes/no', 'this trade is larger than the one before, which lost'),
} as const satisfies Readonly<Record<string, FactSpec>>;

export type FactName = keyof typeof factSpecs;
export const factNames = Object.keys(factSpecs) as FactName[];
export type FactValue = number | string | boolean;

/** Each fact, or null where what was given does not tell. */
export type Facts = Readonly<Record<FactName, FactValue | null>>;

/** Facts as they were stored, perhaps before some of today’s were known: those are missing. */
export const completeFacts = (stored: Partial<Facts>): Facts =>
  Object.fromEntries(factNames.map((name) => [name, stored[name] ?? null])) as Facts;

/** The number of a fact; null where it is missing. */
export function numberOf(facts: Facts, name: FactName): number | null {
  const value = facts[name];
  return typeof value === 'number' ? value : null;
}

/** The word of a fact; null where it is missing. */
export function wordOf(facts: Facts, name: FactName): string | null {
  const value = facts[name];
  return typeof value === 'string' ? value : null;
}

/** A fact's value as people and models read it. */
export function shownFact(name: FactName, value: FactValue): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return factSpecs[name].unit === 'name' ? value : value.replaceAll('_', ' ');
  return factSpecs[name].unit === 'percent' ? `${value} %` : String(value);
}
