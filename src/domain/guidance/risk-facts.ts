import type { FactSources, SomeFacts } from './fact-sources.ts';
import { numberField, numberIn, sides, wordField, yesField } from './payload-fields.ts';
import { thresholds } from './thresholds.ts';
import { isWrongSide, priceField, type TradeRisk, tradeRisk } from './trade-risk.ts';

const percent = (share: number | null | undefined): number | null => (share == null ? null : share * 100);
const ratio = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b <= 0 ? null : a / b;

/** What is at stake, against the limits that the payload sets; `chart` gives price and ATR. */
export function riskFacts(sources: FactSources, chart: SomeFacts): SomeFacts {
  const { payload, instrument } = sources;
  const { risk, positions } = payload;
  const entry = priceField(payload, 'entry', instrument);
  const stop = priceField(payload, 'stop', instrument);
  const target = priceField(payload, 'target', instrument);
  const money = tradeRisk(sources);
  const atStake = riskOf(payload, money);
  const tradeLimit = percent(numberIn(risk.max_risk_per_trade));
  const open = numberIn(positions.open) ?? 0;
  const limit = numberIn(risk.max_positions);
  const given = percent(numberIn(positions.total_risk));
  const exposure = given ?? (open === 0 ? 0 : tradeLimit === null ? null : open * tradeLimit);
  const stated = percent(numberField(payload, 'drawdown'));
  const drawdown = stated === null ? null : Math.abs(stated);
  const drawdownLimit = percent(numberIn(risk.max_daily_drawdown));
  const distance = entry === null || stop === null ? null : Math.abs(entry - stop);
  const side = wordField(payload, 'side', sides);
  const size = numberField(payload, 'size');
  const hasTrade = entry !== null || side !== null;
  const added = atStake.risk_per_trade ?? null;
  return {
    ...atStake,
    ...moneyFacts(money, sources.rate),
    risk_per_trade_limit: tradeLimit,
    risk_per_trade_used: ratio(added, tradeLimit),
    open_positions: open,
    positions_limit: limit,
    exposure,
    exposure_estimated: exposure === null ? null : given === null && open > 0,
    exposure_limit: limit === null || tradeLimit === null ? null : limit * tradeLimit,
    exposure_with_trade: exposure === null || added === null ? null : exposure + added,
    drawdown,
    drawdown_limit: drawdownLimit,
    drawdown_used: ratio(drawdown, drawdownLimit),
    drawdown_with_trade: drawdown === null || added === null ? null : drawdown + added,
    entry,
    stop,
    target,
    stop_distance: distance,
    trade_missing: !hasTrade && stop === null && size === null,
    stop_missing: (hasTrade || size !== null || open > 0) && stop === null,
    ...stopFacts({ entry, stop, side, price: chart.price, open }),
    stop_moved_away: yesField(payload, 'stop_moved_away'),
    stop_distance_atr: ratio(distance, typeof chart.atr === 'number' ? chart.atr : null),
    reward_to_risk: ratio(target === null || entry === null ? null : Math.abs(target - entry), distance),
  };
}

interface RiskOf {
  readonly risk_per_trade: number | null;
  readonly risk_basis: 'computed' | 'stated' | 'contradictory' | null;
  readonly risk_stated: number | null;
}

/** The risk of the trade in percent: what follows from the trade itself, or what the payload states. Where both are known and differ, the larger. */
function riskOf(payload: unknown, { share }: TradeRisk): RiskOf {
  const claim = percent(numberField(payload, 'trade_risk'));
  // No trade risks nothing.
  const stated = claim === null || claim === 0 ? null : Math.abs(claim);
  const computed = percent(share);
  if (computed === null || stated === null)
    return {
      risk_per_trade: computed ?? stated,
      risk_basis: computed !== null ? 'computed' : stated !== null ? 'stated' : null,
      risk_stated: stated,
    };
  const larger = Math.max(computed, stated);
  const differ = Math.abs(computed - stated) * 100 > thresholds.risksApart * larger;
  return {
    risk_per_trade: differ ? larger : computed,
    risk_basis: differ ? 'contradictory' : 'computed',
    risk_stated: stated,
  };
}

const moneyFacts = (risk: TradeRisk, found: FactSources['rate']): SomeFacts => ({
  equity: risk.equity,
  account_currency: risk.currency,
  quote_currency: risk.quote,
  units: risk.units,
  risk_quote: risk.quoteMoney,
  risk_money: risk.money,
  risk_computed: percent(risk.share),
  risk_missing: risk.missing.length === 0 ? null : risk.missing.join(', '),
  rate: risk.rate?.rate ?? null,
  rate_path: risk.rate?.path ?? null,
  rate_time: risk.rate === null ? null : minuteText(risk.rate.at),
  rate_problem: typeof found === 'string' ? found : null,
});

/** As `2026-03-02 08:15 UTC`. */
const minuteText = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

interface StopOf {
  readonly entry: number | null;
  readonly stop: number | null;
  readonly side: 'long' | 'short' | null;
  readonly price: SomeFacts['price'];
  readonly open: number;
}

function stopFacts({ entry, stop, side, price, open }: StopOf): SomeFacts {
  if (stop === null || side === null) return {};
  return {
    stop_wrong_side: entry === null ? null : isWrongSide(entry, stop, side),
    stop_passed: typeof price === 'number' && open > 0 ? isWrongSide(price, stop, side) : null,
  };
}
