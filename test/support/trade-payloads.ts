import type { UnifiedAnalysis } from '../../src/domain/analysis/unified-analysis.ts';
import type { Facts } from '../../src/domain/guidance/fact.ts';
import type { FactSources } from '../../src/domain/guidance/fact-sources.ts';
import { factsOf } from '../../src/domain/guidance/facts.ts';
import { instrumentOf } from '../../src/domain/instrument/instrument.ts';
import { type StrategyPayload, strategyPayload } from '../../src/domain/trade/strategy-payload.ts';

/** Tuesday, 10:00 UTC in January: London is open. */
export const TRADE_TIME = Date.UTC(2024, 0, 9, 10);

type Fields = Readonly<Record<string, unknown>>;

/** A long trade of EURUSD within all of its limits, with the given fields in place of its own. */
export const tradePayload = (more: Fields = {}): StrategyPayload =>
  strategyPayload.parse({
    strategy: 'london-breakout',
    timestamp: new Date(TRADE_TIME).toISOString(),
    market: { symbol: 'EURUSD', timeframe: '15m' },
    features: {
      indicators: { ema_9: 1.0952, ema_21: 1.0941, rsi: 58.3, adx: 27.4, macd_histogram: 0.00031, atr: 0.0012 },
    },
    risk: {
      max_risk_per_trade: 0.01,
      max_positions: 4,
      max_daily_drawdown: 0.03,
      daily_drawdown: 0.004,
    },
    positions: { open: 1, closed: 2, total_risk: 0.006 },
    // 0.0024 × 50,000 = 120 USD of 24,000: 0.5 %.
    account: { equity: 24_000, currency: 'USD' },
    trade: { side: 'long', entry: 1.095, stop: 1.0926, target: 1.0998, size: 0.5, size_unit: 'lots' },
    ...more,
  });

/** Of the same quarter of an hour: an uptrend of usual volatility. */
export const tradeAnalysis = (
  more: { trend?: string; volatility?: string; rsi?: number; conflict?: 'up' | 'down' } = {},
): UnifiedAnalysis =>
  ({
    symbol: 'EURUSD',
    timeframe: '15m',
    timestamp: new Date(TRADE_TIME).toISOString(),
    market_context: { trend: more.trend ?? 'up', volatility: more.volatility ?? 'normal' },
    technical_indicators: { rsi: more.rsi ?? 57.1, extras: { atr: 0.0013, adx: 26 } },
    predictive_analysis: {
      scorer: { maturity_score: 0.71, grade: 'B' },
      conflict_detection:
        more.conflict === undefined ? { is_conflict: false } : { is_conflict: true, direction: more.conflict },
    },
    extras: { bar: { close: 1.0949 } },
  }) as unknown as UnifiedAnalysis;

/** An earlier trade of the strategy, `minutes` before the one above. */
export const earlierTrade = (minutes: number, more: Fields = {}) => {
  const at = TRADE_TIME - minutes * 60_000;
  return {
    at,
    payload: {
      strategy: 'london-breakout',
      timestamp: new Date(at).toISOString(),
      trade: { size: 0.5, size_unit: 'lots', ...more },
    },
  };
};

export const tradeFacts = (payload: StrategyPayload = tradePayload(), more: Partial<FactSources> = {}): Facts =>
  factsOf({
    payload,
    analysis: tradeAnalysis(),
    close: { price: 1.0951, at: TRADE_TIME },
    earlier: [],
    instrument: instrumentOf(payload.market.symbol, { table: [], settings: () => ({}) }),
    accountCurrency: null,
    rate: null,
    now: TRADE_TIME + 30_000,
    ...more,
  });
