import type { Detector, PriceBar } from '../detector.ts';
import { swings } from '../swings.ts';
import { climaxOf, trendOf } from './climax.ts';
import { rangeStep } from './range-steps.ts';
import { codeOf, facing, facingBar, type Side, type WyckoffCode } from './side.ts';
import type { Happening, Phase, Seen, TradingRange } from './trading-range.ts';
import { type Activity, activityOf } from './volume-spread.ts';

export interface WyckoffEvent {
  readonly code: WyckoffCode;
  /** Start of the bar that it names, epoch milliseconds: up to three bars before the one that confirms it. */
  readonly start: number;
  readonly price: number;
}

export interface WyckoffReading {
  readonly schematic: Side | 'markup' | 'markdown' | 'none';
  /** Null outside a range. */
  readonly phase: Phase | null;
  /** Null until the automatic reaction has set both bounds. `start` is that of the climax. */
  readonly range: { readonly high: number; readonly low: number; readonly start: number } | null;
  /** What this bar has confirmed. */
  readonly event: WyckoffEvent | null;
  /** The newest eight of this range, or of the newest one. */
  readonly events: readonly WyckoffEvent[];
}

export interface WyckoffOptions {
  /** Bars that say what is usual, and in which a trend runs. */
  readonly lookback?: number;
  /** The most bars from a climax to the end of its range. */
  readonly timeout?: number;
}

export interface WyckoffState {
  /** The newest bars, at most `lookback`. */
  readonly window: readonly PriceBar[];
  readonly count: number;
  readonly trend: 'markup' | 'markdown' | 'none';
  readonly range: TradingRange | null;
  readonly event: WyckoffEvent | null;
  readonly events: readonly WyckoffEvent[];
}

const STRENGTH = 3;
const EVENTS = 8;

/**
 * Wyckoff's schematics of accumulation and distribution, as a state machine over trading ranges; events and phases after Hank Pruden (The
 * Three Skills of Top Trading, 2007) and Bob Evans' taped lectures of the Wyckoff course. Their words are not numbers; the numbers are ours:
 *
 * Usual is the mean of the `lookback` (50) bars before; "k sd" stands for at least mean + k × the greater of the standard deviation and a
 * quarter of the mean. Spread is high − low; H the height of the range; a low is a confirmed swing of three bars on each side. A trend is a
 * move of the close by 6 usual spreads or more over these bars; one that a climax ends stands before it.
 *
 * | event | phase | rule, for an accumulation |
 * |---|---|---|
 * | PS | | in a downtrend, the lowest low of the bars; volume 1.5 sd, spread 1 sd, closes in its upper half; not an SC |
 * | SC | A | the same with volume 2 sd, spread 2 sd, closing in its upper 70 %. Lower ones before the AR start anew |
 * | AR | A | the highest since the SC, 3 usual spreads or more above its low, with no higher one for three bars: sets the range |
 * | ST | A→B, B | a low in the lowest quarter of the range, on less volume and spread than the SC. Or below the range by H/3 at most and closed back within 3 bars, on less volume than the SC, in phase A or within 20 bars of the AR |
 * | SPRING | B→C, C | the latter, after 20 bars or more |
 * | TEST | C | a low above the spring's in the lowest 40 % of the range, on less volume than the spring and than usual; once |
 * | SOS | B, C→D | an up bar that closes above the range in its upper 30 %, volume 1 sd, spread 1 sd |
 * | LPS | D | a low in the upper half or above, on less volume than usual |
 * | | D→E | after an LPS a close above the highest since the SOS; without one a close above the range by H: markup |
 * | | D→B | a close below the middle of the range: the SOS was none |
 *
 * A distribution is the same upside down: PSY, BC, AR, ST, UT (the early ST beyond the range), UTAD, TEST, SOW, LPSY, markdown.
 *
 * A range ends without verdict by a close that is, before the AR, 1 usual spread below the SC; by a low H/3 below it or three bars from the
 * first below it with no close back; by a close above it by H/2 with no SOS; in E by a close back in it; and `timeout` bars (400) after its
 * climax. Outside of ranges `schematic` is the trend. A climax of either side in E, or on the bar that ends a range, starts the next.
 *
 * A bar confirms one event at most: SOS, SPRING and the early ST before those of a low, which are then not read. Where bars have no volume
 * there is no climax, and so no range.
 */
export function wyckoff({ lookback = 50, timeout = 400 }: WyckoffOptions = {}): Detector<WyckoffState, WyckoffReading> {
  const turns = swings(STRENGTH);
  return {
    start: () => ({ window: [], count: 0, trend: 'none', range: null, event: null, events: [] }),
    next: (state, bar) => {
      const full = state.window.length === lookback;
      const window = [...(full ? state.window.slice(1) : state.window), bar];
      const at = state.count;
      const after = { ...state, window, count: at + 1, event: null };
      if (!full) return after;
      const activity = activityOf(state.window);
      const trend = trendOf(bar.close, activity);
      const turned = state.range && turns.read({ window: window.slice(-2 * STRENGTH - 1), count: at + 1 });
      const moved = { ...after, trend };
      if (state.range === null) return beginning(moved, bar, activity);
      const { side } = state.range;
      const low = turned?.find(({ kind }) => kind === (side === 'accumulation' ? 'low' : 'high'));
      const turn = low ? { bar: facingBar(side, window.at(-1 - STRENGTH)!), at: low.index } : null;
      const seen: Seen = { bar: facingBar(side, bar), at, activity, turn };
      const { range, happening } = rangeStep(state.range, seen, timeout);
      const stepped = withEvent({ ...moved, range }, side, happening, happening?.role === 'climax');
      return range === null || range.phase === 'E' ? beginning(stepped, bar, activity) : stepped;
    },
    read: ({ range, trend, event, events }) => ({
      schematic: range === null ? trend : schematicOf(range),
      phase: range?.phase ?? null,
      range: range && boundsOf(range),
      event,
      events,
    }),
  };
}

/** Looks for the climax of a next range, or what foretells it. */
function beginning(state: WyckoffState, bar: PriceBar, activity: Activity): WyckoffState {
  const found = climaxOf(bar, state.count - 1, activity);
  if (found === null) return state;
  return withEvent({ ...state, range: found.range ?? state.range }, found.side, found.happening, found.range !== null);
}

/** Adds an event. One that begins a range leaves of the earlier ones only those that foretold it, on the bars still in the window. */
function withEvent(state: WyckoffState, side: Side, happening: Happening | null, begins: boolean): WyckoffState {
  if (happening === null) return state;
  const event = { code: codeOf(side, happening.role), start: happening.start, price: facing(side, happening.price) };
  const oldest = state.window[0]!.start;
  const foretold = codeOf(side, 'preliminary');
  const kept = begins ? state.events.filter(({ code, start }) => code === foretold && start >= oldest) : state.events;
  return { ...state, event, events: [...kept, event].slice(-EVENTS) };
}

function schematicOf({ side, phase }: TradingRange): WyckoffReading['schematic'] {
  if (phase !== 'E') return side;
  return side === 'accumulation' ? 'markup' : 'markdown';
}

function boundsOf({ side, low, high, boundAt, climax }: TradingRange): WyckoffReading['range'] {
  if (boundAt === null) return null;
  const [floor, top] = side === 'accumulation' ? [low, high] : [high, low];
  return { high: facing(side, top), low: facing(side, floor), start: climax.start };
}
