import type { TradingCalendar } from '../calendar/trading-calendar.ts';
import { adx } from '../indicators/adx.ts';
import { atr } from '../indicators/atr.ts';
import { bollinger } from '../indicators/bollinger.ts';
import type { Detector } from '../indicators/detector.ts';
import { divergence } from '../indicators/divergence.ts';
import { ema } from '../indicators/ema.ts';
import { fairValueGaps } from '../indicators/fair-value-gaps.ts';
import { harmonic } from '../indicators/harmonic/harmonic.ts';
import { liquidity } from '../indicators/liquidity.ts';
import { macd } from '../indicators/macd.ts';
import { marketStructure } from '../indicators/market-structure.ts';
import { orderBlocks } from '../indicators/order-blocks.ts';
import { premiumDiscount } from '../indicators/premium-discount.ts';
import { rsi } from '../indicators/rsi.ts';
import { sma } from '../indicators/sma.ts';
import { stochastic } from '../indicators/stochastic.ts';
import { type ReadingOf, type StateOf, together } from '../indicators/together.ts';
import { trend } from '../indicators/trend.ts';
import { volatilityRegime } from '../indicators/volatility-regime.ts';
import { utcDay, vwap } from '../indicators/vwap.ts';
import { wyckoff } from '../indicators/wyckoff/wyckoff.ts';
import type { IndicatorOptions } from './indicator-options.ts';

/** Everything that is read of a chart, as one detector; VWAP and pools of liquidity follow the sessions of `calendar`. */
export function chart(options: IndicatorOptions, calendar: TradingCalendar) {
  const { averages, momentum, trend: trendOptions, volatility, structure, blocks, wyckoff: ranges } = options;
  const on = <D>({ enabled }: { readonly enabled: boolean }, detector: D): D | null => (enabled ? detector : null);
  const each = <S>(name: string, periods: readonly number[], of: (period: number) => Detector<S, number | null>) =>
    Object.fromEntries(periods.map((period) => [`${name}_${period}`, of(period)]));
  return together({
    averages: on(
      averages,
      together({
        ...each('sma', averages.sma, (period) => sma({ period })),
        ...each('ema', averages.ema, (period) => ema({ period })),
      }),
    ),
    rsi: on(momentum, rsi({ period: momentum.rsi })),
    macd: on(momentum, macd(momentum.macd)),
    stochastic: on(momentum, stochastic(momentum.stochastic)),
    adx: on(trendOptions, adx({ period: trendOptions.adx })),
    trend: on(trendOptions, trend({ strength: trendOptions.adx, from: trendOptions.from })),
    atr: on(volatility, atr({ period: volatility.atr })),
    bollinger: on(volatility, bollinger(volatility.bollinger)),
    regime: on(volatility, volatilityRegime({ period: volatility.atr })),
    vwap: on(options.vwap, vwap({ sessionStart: (ts) => calendar.sessionOf(ts)?.from ?? utcDay(ts) })),
    structure: on(structure, marketStructure({ strength: structure.strength })),
    location: on(structure, premiumDiscount({ strength: structure.strength })),
    gaps: on(options.gaps, fairValueGaps()),
    blocks: on(blocks, orderBlocks({ strength: blocks.strength })),
    liquidity: on(options.liquidity, liquidity({ strength: options.liquidity.strength, calendar: calendar.name })),
    wyckoff: on(ranges, wyckoff({ lookback: ranges.lookback, timeout: ranges.timeout })),
    divergence: on(
      options.divergence,
      divergence({ momentum: rsi({ period: momentum.rsi }), strength: options.divergence.strength }),
    ),
    harmonic: on(
      options.harmonic,
      harmonic({ strength: options.harmonic.strength, tolerance: options.harmonic.tolerance }),
    ),
  });
}

export type Chart = ReturnType<typeof chart>;
export type ChartState = StateOf<Chart>;
export type ChartReadings = ReadingOf<Chart>;
