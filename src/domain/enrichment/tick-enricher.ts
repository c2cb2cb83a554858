import { PulseError } from '../errors/errors.ts';
import { orNull } from './absent.ts';
import { type EnricherOptions, type EnricherSettings, enricherDefaults } from './enricher-options.ts';
import type { EnricherCounts, EnricherState } from './enricher-state.ts';
import { KyleLambda } from './kyle-lambda.ts';
import { OrderFlow } from './order-flow.ts';
import { PrevailingQuote } from './prevailing-quote.ts';
import { PriceSeries } from './price-series.ts';
import { SortedWindow } from './sorted-window.ts';
import {
  CROSSED,
  type EnricherTick,
  FLAGS,
  LOCKED,
  OUT_OF_ORDER,
  OUTLIER,
  STALE,
  type TickReadings,
} from './tick-readings.ts';
import { TradeSpreads } from './trade-spreads.ts';
import { VolumeBuckets } from './volume-buckets.ts';

/** Reads the ticks of one symbol, one by one. What it reads depends on those ticks alone; its definitions are at `TickReadings`. */
export class TickEnricher {
  readonly #settings: EnricherSettings;
  #ticks: number;
  #outOfOrder: number;
  #outliers: number;
  #latest: number;
  #quotesSinceTrade: number;
  #variance: number;
  #spreadShare: number;
  readonly #quote: PrevailingQuote;
  readonly #mids: PriceSeries;
  readonly #trades: PriceSeries;
  readonly #spreads: SortedWindow;
  readonly #flow: OrderFlow;
  readonly #buckets: VolumeBuckets;
  readonly #kyle: KyleLambda;
  readonly #tradeSpreads: TradeSpreads;

  constructor(options: EnricherOptions = {}, state?: EnricherState) {
    const settings = { ...enricherDefaults, ...options };
    this.#settings = settings;
    this.#ticks = state?.counts.ticks ?? 0;
    this.#outOfOrder = state?.counts.outOfOrder ?? 0;
    this.#outliers = state?.counts.outliers ?? 0;
    this.#latest = state?.latest ?? Number.NEGATIVE_INFINITY;
    this.#quotesSinceTrade = state?.quotesSinceTrade ?? settings.quoteOnlyAfter;
    this.#variance = state?.variance ?? Number.NaN;
    this.#spreadShare = state?.spreadShare ?? Number.NaN;
    this.#quote = new PrevailingQuote(settings.staleAfterMs, state?.quote);
    this.#mids = new PriceSeries(settings, state?.mids);
    this.#trades = new PriceSeries(settings, state?.trades);
    this.#spreads = new SortedWindow(settings.spreadWindow, state?.spreads);
    this.#flow = new OrderFlow(settings.flowWindow, state?.flow);
    this.#buckets = new VolumeBuckets(settings, state?.buckets);
    this.#kyle = new KyleLambda(settings.kyleWindow, state?.kyle);
    this.#tradeSpreads = new TradeSpreads(settings, state?.tradeSpreads);
  }

  /** Goes on from a snapshot. Its windows have their lengths, so that the options must be those it was taken with. */
  static restore(options: EnricherOptions, state: EnricherState): TickEnricher {
    const settings: EnricherSettings = { ...enricherDefaults, ...options };
    for (const name of Object.keys(enricherDefaults) as (keyof EnricherSettings)[])
      if (settings[name] !== state.settings[name])
        throw new PulseError('config.invalid', {
          setting: `enrichment ${name}`,
          value: settings[name],
          source: 'options',
          allowed: `that of the snapshot, ${state.settings[name]}`,
        });
    return new TickEnricher(options, state);
  }

  get counts(): EnricherCounts {
    return { ticks: this.#ticks, outOfOrder: this.#outOfOrder, outliers: this.#outliers };
  }

  next(tick: EnricherTick): TickReadings {
    const { ts, price, bid, ask } = tick;
    const isQuote = bid !== null && ask !== null;
    const mid = isQuote ? (bid + ask) / 2 : Number.NaN;
    const isTrade = !isQuote || tradesAtQuote(tick, mid);
    const spread = isQuote ? ask - bid : Number.NaN;
    let flags = spread < 0 ? CROSSED : spread === 0 ? LOCKED : 0;
    this.#ticks += 1;
    if (ts < this.#latest) {
      this.#outOfOrder += 1;
      const { direction } = isQuote ? this.#mids : this.#trades;
      return this.#read(isTrade, mid, spread, flags | OUT_OF_ORDER, direction, Number.NaN, Number.NaN);
    }
    this.#latest = ts;
    this.#tradeSpreads.settle(ts, this.#quote);
    const series = isQuote ? this.#mids : this.#trades;
    const own = isQuote ? mid : price;
    const direction = series.directionOf(own);
    const logReturn = series.logReturn(own);
    const { staleAfterMs } = this.#settings;
    if (isQuote ? this.#quote.isStale(bid, ask, ts) : series.isStale(own, ts, staleAfterMs)) flags |= STALE;
    const prevailing = isQuote ? mid : this.#quote.midAt(ts);
    const effective = isTrade ? 2 * Math.abs(price - prevailing) : Number.NaN;
    // Both must be judged, whatever the first one says.
    const oddMid = isQuote && this.#mids.judge(mid, ts);
    const oddTrade = isTrade && this.#trades.judge(price, ts) && !this.#quote.holds(price, ts);
    if (oddMid || oddTrade) {
      this.#outliers += 1;
      flags |= OUTLIER;
    } else {
      this.#volatility(logReturn);
      const path = Number.isNaN(logReturn) ? 0 : Math.abs(logReturn);
      if (isQuote) this.#takeQuote(tick, bid, ask, mid, path, isTrade);
      if (isTrade) this.#takeTrade(tick, prevailing, effective, path);
    }
    return this.#read(isTrade, mid, spread, flags, direction, logReturn, effective);
  }

  #volatility(logReturn: number): void {
    if (Number.isNaN(logReturn)) return;
    const square = logReturn * logReturn;
    const { lambda } = this.#settings;
    this.#variance = Number.isNaN(this.#variance) ? square : lambda * this.#variance + (1 - lambda) * square;
  }

  #takeQuote(tick: EnricherTick, bid: number, ask: number, mid: number, path: number, isTrade: boolean): void {
    const quote = this.#quote;
    const move = mid - quote.mid;
    if (!Number.isNaN(quote.mid)) this.#flow.quote(bid - quote.bid, ask - quote.ask);
    quote.set(bid, ask, tick.ts);
    this.#mids.accept(mid, tick.ts);
    // A crossed market is not more liquid than a locked one.
    const width = Math.max(ask - bid, 0);
    this.#spreads.push(width);
    this.#spreadShare = this.#spreads.shareAbove(width);
    if (isTrade) return;
    if (this.#quotesSinceTrade < this.#settings.quoteOnlyAfter) {
      this.#quotesSinceTrade += 1;
      return;
    }
    const volume = tick.volume > 0 ? tick.volume : 1;
    const sign = this.#mids.direction;
    this.#buckets.add(sign, volume, path);
    this.#kyle.move(sign * volume, move);
  }

  #takeTrade(tick: EnricherTick, prevailing: number, effective: number, path: number): void {
    const { ts, price } = tick;
    const move = price - this.#trades.last;
    this.#trades.accept(price, ts);
    this.#quotesSinceTrade = 0;
    const volume = tick.volume > 0 ? tick.volume : 1;
    const sign = this.#signOf(tick, prevailing);
    this.#flow.trade(sign, volume);
    this.#buckets.add(sign, volume, path);
    if (Number.isNaN(prevailing)) this.#kyle.move(sign * volume, move);
    else {
      this.#kyle.respond(sign * volume, prevailing);
      if (sign !== 0) this.#tradeSpreads.trade(ts, price, sign, effective);
    }
  }

  /** 1 for a buyer: the stated side, else above or below the prevailing mid, else the tick rule (Lee & Ready 1991). */
  #signOf({ side, price }: EnricherTick, prevailing: number): -1 | 0 | 1 {
    if (side !== null) return side === 'buy' ? 1 : -1;
    return price > prevailing ? 1 : price < prevailing ? -1 : this.#trades.direction;
  }

  #read(
    isTrade: boolean,
    mid: number,
    spread: number,
    flags: number,
    direction: -1 | 0 | 1,
    logReturn: number,
    effective: number,
  ): TickReadings {
    const { vpin } = this.#buckets;
    return {
      mid: orNull(mid),
      spread: orNull(spread),
      spread_bps: mid === 0 ? null : orNull((spread / Math.abs(mid)) * 10_000),
      flags: FLAGS[flags]!,
      direction,
      log_return: orNull(logReturn),
      volatility: orNull(Math.sqrt(this.#variance)),
      order_flow_imbalance: orNull(isTrade ? this.#flow.ofTrades() : this.#flow.ofQuotes()),
      vpin: orNull(vpin),
      effective_spread: orNull(effective),
      realized_spread: orNull(this.#tradeSpreads.realized),
      price_impact: orNull(this.#tradeSpreads.impact),
      kyle_lambda: orNull(this.#kyle.value),
      liquidity_score: orNull(100 * meanOfKnown(this.#spreadShare, this.#buckets.depthShare)),
      toxicity_score: orNull(100 * vpin),
    };
  }

  snapshot(): EnricherState {
    return {
      settings: this.#settings,
      counts: this.counts,
      latest: this.#latest === Number.NEGATIVE_INFINITY ? null : this.#latest,
      quotesSinceTrade: this.#quotesSinceTrade,
      variance: orNull(this.#variance),
      spreadShare: orNull(this.#spreadShare),
      quote: this.#quote.snapshot(),
      mids: this.#mids.snapshot(),
      trades: this.#trades.snapshot(),
      spreads: this.#spreads.snapshot(),
      flow: this.#flow.snapshot(),
      buckets: this.#buckets.snapshot(),
      kyle: this.#kyle.snapshot(),
      tradeSpreads: this.#tradeSpreads.snapshot(),
    };
  }
}

/** Whether a quote is a trade as well: it has volume and says more than a quote would. */
const tradesAtQuote = ({ volume, side, price }: EnricherTick, mid: number): boolean =>
  volume > 0 && (side !== null || Math.abs(price - mid) > 1e-9 * Math.abs(mid));

const meanOfKnown = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : (a + b) / 2);
