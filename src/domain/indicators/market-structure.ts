import type { Detector, PriceBar } from './detector.ts';
import { type Swing, type SwingState, swings } from './swings.ts';

export interface MarketStructureOptions {
  /** Bars on each side of a swing; ≥ 1. */
  readonly strength?: number;
}

export type Trend = 'up' | 'down' | 'undefined';

/** Higher high, lower high, higher low, lower low. */
export type SwingLabel = 'HH' | 'LH' | 'HL' | 'LL';

export interface LabelledSwing {
  readonly kind: 'high' | 'low';
  readonly price: number;
  /** Start of its bar, epoch milliseconds. */
  readonly start: number;
  /** Against the swing of its kind before it; null for the first. */
  readonly label: SwingLabel | null;
}

/** The newest swing of a kind, and whether a close has gone beyond it. */
export interface StructureLevel extends LabelledSwing {
  readonly broken: boolean;
}

/** A close beyond a swing: break of structure (bos) with the trend, change of character (choch) against it. */
export interface StructureEvent {
  readonly kind: 'bos' | 'choch';
  readonly direction: 'up' | 'down';
  /** Price of the broken swing. */
  readonly level: number;
  /** Start of the bar that closed beyond it, epoch milliseconds. */
  readonly start: number;
  /** Start of the swing's own bar. */
  readonly swing_start: number;
}

export interface MarketStructureReading {
  readonly trend: Trend;
  readonly last_high: StructureLevel | null;
  readonly last_low: StructureLevel | null;
  /** The newest four swings, oldest first. */
  readonly labels: readonly LabelledSwing[];
  /** What the newest bar did. */
  readonly event: StructureEvent | null;
  /** The newest event of all, that of the newest bar included. */
  readonly last_event: StructureEvent | null;
}

export interface MarketStructureState {
  readonly swings: SwingState;
  readonly trend: Trend;
  readonly high: StructureLevel | null;
  readonly low: StructureLevel | null;
  readonly labels: readonly LabelledSwing[];
  readonly event: StructureEvent | null;
  readonly lastEvent: StructureEvent | null;
}

const LABELS = 4;

/**
 * Market structure from confirmed swings (see `swings`). A swing high is HH when above the swing high before it, else LH, equal highs
 * included; a swing low is LL when below the swing low before it, else HL. Highs and lows need not take turns.
 *
 * A bar is judged by its close against the newest swing high and the newest swing low that earlier bars had confirmed; a wick breaks
 * nothing, nor does a close on the level. A close above the swing high is an event `up`, one below the swing low an event `down`; it is a
 * `choch` against the trend and a `bos` otherwise, and the trend takes its direction. A swing is broken once: the next event in that
 * direction needs a newer swing. Before the first event the trend is `undefined`, unless the newest labels agree: HH with HL is `up`, LH
 * with LL is `down`. From then on only a choch turns it.
 *
 * There is no canonical text. The trend by higher highs and higher lows is Dow's (Rhea, The Dow Theory, 1932). Breaks by close, once for
 * each pivot, with the first one a BOS, are as in LuxAlgo's "Smart Money Concepts" for TradingView, which takes a pivot in before it
 * judges the bar and looks 50 and 5 bars around it. `bos_choch` of joshyattridge/smart-money-concepts differs: it wants four alternating
 * swings in a given order, and marks the swing's bar in hindsight.
 */
export function marketStructure({
  strength = 3,
}: MarketStructureOptions = {}): Detector<MarketStructureState, MarketStructureReading> {
  const turning = swings(strength);
  return {
    start: () => ({
      swings: turning.start(),
      trend: 'undefined',
      high: null,
      low: null,
      labels: [],
      event: null,
      lastEvent: null,
    }),
    next: (state, bar) => {
      const seen = turning.next(state.swings, bar);
      let after: MarketStructureState = { ...state, ...broken(state, bar), swings: seen };
      for (const swing of turning.read(seen)) after = { ...after, ...confirmed(after, swing) };
      return after;
    },
    read: ({ trend, high, low, labels, event, lastEvent }) => ({
      trend,
      last_high: high,
      last_low: low,
      labels,
      event,
      last_event: lastEvent,
    }),
  };
}

/** What the bar's close changes. A close cannot be beyond both: a swing low above the swing high means that the high was broken before. */
function broken({ high, low, trend }: MarketStructureState, bar: PriceBar): Partial<MarketStructureState> {
  if (high !== null && !high.broken && bar.close > high.price)
    return { high: { ...high, broken: true }, ...event(trend, 'up', high, bar) };
  if (low !== null && !low.broken && bar.close < low.price)
    return { low: { ...low, broken: true }, ...event(trend, 'down', low, bar) };
  return { event: null };
}

function event(trend: Trend, direction: 'up' | 'down', { price, start }: StructureLevel, bar: PriceBar) {
  const kind = trend === 'undefined' || trend === direction ? 'bos' : 'choch';
  const happened: StructureEvent = { kind, direction, level: price, start: bar.start, swing_start: start };
  return { trend: direction, event: happened, lastEvent: happened };
}

/** What a newly confirmed swing changes. */
function confirmed(
  { high, low, trend, labels }: MarketStructureState,
  { kind, price, start }: Swing,
): Partial<MarketStructureState> {
  const swing: LabelledSwing = { kind, price, start, label: labelOf(kind, price, kind === 'high' ? high : low) };
  const level = { ...swing, broken: false };
  const [newHigh, newLow] = kind === 'high' ? [level, low] : [high, level];
  return {
    high: newHigh,
    low: newLow,
    labels: [...labels, swing].slice(-LABELS),
    trend: trend === 'undefined' ? trendOf(newHigh, newLow) : trend,
  };
}

function labelOf(kind: 'high' | 'low', price: number, before: StructureLevel | null): SwingLabel | null {
  if (before === null) return null;
  if (kind === 'high') return price > before.price ? 'HH' : 'LH';
  return price < before.price ? 'LL' : 'HL';
}

function trendOf(high: StructureLevel | null, low: StructureLevel | null): Trend {
  if (high?.label === 'HH' && low?.label === 'HL') return 'up';
  if (high?.label === 'LH' && low?.label === 'LL') return 'down';
  return 'undefined';
}
