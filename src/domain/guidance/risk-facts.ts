import type { FactSources, SomeFacts } from './fact-sources.ts';
import { numberField, yesField } from './payload-fields.ts';

const percent = (share: number | null | undefined): number | null => (share == null ? null : share * 100);
const ratio = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b <= 0 ? null : a / b;

/** What is at stake, against the limits that the payload sets; `chart` gives side, price and ATR. */
export function riskFacts({ payload }: FactSources, chart: SomeFacts): SomeFacts {
  const { risk, positions } = payload;
  const entry = numberField(payload, 'entry');
  const stop = numberField(payload, 'stop');
  const target = numberField(payload, 'target');
  const tradeRisk = percent(numberField(payload, 'trade_risk')) ?? riskOfStop(payload, entry, stop);
  const tradeLimit = percent(risk.max_risk_per_trade);
  const limit = risk.max_positions ?? null;
  const given = percent(positions.total_risk);
  const exposure = given ?? (positions.open === 0 ? 0 : tradeLimit === null ? null : positions.open * tradeLimit);
  const drawdown = percent(numberField(payload, 'drawdown'));
  const drawdownLimit = percent(risk.max_daily_drawdown);
  const distance = entry === null || stop === null ? null : Math.abs(entry - stop);
  const traded = entry !== null || chart.side !== null || positions.open > 0;
  return {
    risk_per_trade: tradeRisk,
    risk_per_trade_limit: tradeLimit,
    risk_per_trade_used: ratio(tradeRisk, tradeLimit),
    open_positions: positions.open,
    positions_limit: limit,
    exposure,
    exposure_estimated: exposure === null ? null : given === null && positions.open > 0,
    exposure_limit: limit === null || tradeLimit === null ? null : limit * tradeLimit,
    exposure_with_trade: exposure === null || tradeRisk === null ? null : exposure + tradeRisk,
    drawdown: drawdown === null ? null : Math.abs(drawdown),
    drawdown_limit: drawdownLimit,
    drawdown_used: ratio(drawdown === null ? null : Math.abs(drawdown), drawdownLimit),
    entry,
    stop,
    target,
    stop_missing: traded && stop === null,
    ...stopFacts(entry, stop, chart, positions.open),
    stop_moved_away: yesField(payload, 'stop_moved_away'),
    stop_distance_atr: ratio(distance, typeof chart.atr === 'number' ? chart.atr : null),
    reward_to_risk: ratio(target === null || entry === null ? null : Math.abs(target - entry), distance),
  };
}

/** Distance of the stop times size, of the equity, in percent. */
function riskOfStop(payload: unknown, entry: number | null, stop: number | null): number | null {
  const size = numberField(payload, 'size');
  const equity = numberField(payload, 'equity');
  if (entry === null || stop === null || size === null || equity === null || equity <= 0) return null;
  return ((Math.abs(entry - stop) * Math.abs(size)) / equity) * 100;
}

function stopFacts(entry: number | null, stop: number | null, { side, price }: SomeFacts, open: number): SomeFacts {
  if (stop === null || side == null) return {};
  const below = (a: number): boolean => (side === 'long' ? a <= stop : a >= stop);
  return {
    stop_wrong_side: entry === null ? null : below(entry),
    stop_passed: typeof price === 'number' && open > 0 ? below(price) : null,
  };
}
