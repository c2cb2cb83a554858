import type { Detector, PriceBar } from './detector.ts';
import { type MarketStructureState, marketStructure, type StructureEvent } from './market-structure.ts';
import { type MeanRangeState, meanRange } from './mean-range.ts';
import { type Leg, legOf, type Origin, originOf, traced } from './order-block-origin.ts';

export interface OrderBlockOptions {
  /** Bars on each side of a swing; ≥ 1. */
  readonly strength?: number;
  /** Least length of the breaking move, in mean true ranges of the bars before the break; ≥ 0. */
  readonly displacement?: number;
  /** Bars of the mean true range; ≥ 1. */
  readonly period?: number;
  /** Most blocks held; ≥ 1. */
  readonly keep?: number;
}

/** The last opposing candle before a move that broke structure. */
export interface OrderBlock {
  readonly direction: 'bullish' | 'bearish';
  /** High and low of the candle. */
  readonly top: number;
  readonly bottom: number;
  /** Start of the candle, epoch milliseconds. */
  readonly start: number;
  /** What the move broke, and the start of the bar that did. */
  readonly break: 'bos' | 'choch';
  readonly break_start: number;
  /** Fresh until the price has come back to it. */
  readonly status: 'fresh' | 'mitigated' | 'invalidated';
}

export interface OrderBlockReading {
  /** Fresh and mitigated ones, oldest break first. */
  readonly blocks: readonly OrderBlock[];
  /** The one whose move broke structure at the newest bar. */
  readonly created: OrderBlock | null;
  /** Those that the newest bar was the first to touch. */
  readonly mitigated: readonly OrderBlock[];
  /** Those through which the newest bar closed. */
  readonly invalidated: readonly OrderBlock[];
}

export interface OrderBlockState extends OrderBlockReading {
  readonly structure: MarketStructureState;
  readonly range: MeanRangeState | null;
  /** The move that would break the newest swing high, and the one that would break the newest swing low. */
  readonly up: Leg | null;
  readonly down: Leg | null;
}

/**
 * Order blocks. When the newest bar breaks structure (bos or choch of `marketStructure` with the same strength), the move that broke it
 * runs from the lowest low after the broken swing high's bar, the breaking bar included and of equal lows the last, to the breaking close;
 * upside down for a break down. If it is at least `displacement` mean true ranges long, as they stood before the breaking bar, its block
 * is the last opposing candle (close below open for a move up, above it for a move down) after the swing's bar and no later than the bar
 * of that low; the breaking bar itself is never a block. Without such a candle there is none. The block is the candle's whole range.
 *
 * Later bars `mitigate` a block when they touch it (a low at or below the top of a bullish one, a high at or above the bottom of a bearish
 * one) and `invalidate` it when they close beyond its far side; then it is gone. A bar that does both only invalidates. With more than
 * `keep` blocks the oldest is forgotten.
 *
 * The term is the Inner Circle Trader's (M. Huddleston, no canonical text): the last down-close candle before the up move, and its mirror.
 * The break by close and the invalidation by close follow LuxAlgo's "Smart Money Concepts", which takes the candle of the extreme
 * whichever way it closed, if it is no larger than two mean ranges, and asks for no displacement. `ob` of
 * joshyattridge/smart-money-concepts takes the extreme candle likewise, and turns a block into a breaker when a wick goes through it.
 */
export function orderBlocks({
  strength = 3,
  displacement = 2,
  period = 14,
  keep = 10,
}: OrderBlockOptions = {}): Detector<OrderBlockState, OrderBlockReading> {
  const structure = marketStructure({ strength });
  return {
    start: () => ({
      blocks: [],
      created: null,
      mitigated: [],
      invalidated: [],
      structure: structure.start(),
      range: null,
      up: null,
      down: null,
    }),
    next: (state, bar) => {
      const after = structure.next(state.structure, bar);
      const { event } = after;
      const origin = event === null ? null : brokenFrom(state, event, bar, displacement);
      const met = meet(state.blocks, bar);
      const created = event === null || origin === null ? null : blockOf(event, origin);
      // A swing confirmed late can lie before the block of an earlier break, and then leads to the same candle.
      const known = created !== null && met.blocks.some((block) => same(block, created));
      return {
        blocks: created === null || known ? met.blocks : [...met.blocks, created].slice(-keep),
        created: known ? null : created,
        mitigated: met.mitigated,
        invalidated: met.invalidated,
        structure: after,
        range: meanRange(state.range, bar, period),
        ...legs(state, after, bar, strength),
      };
    },
    read: ({ blocks, created, mitigated, invalidated }) => ({ blocks, created, mitigated, invalidated }),
  };
}

/** The candle from which the breaking move came, if the move was long enough. */
function brokenFrom(
  { up, down, range }: OrderBlockState,
  { direction }: StructureEvent,
  bar: PriceBar,
  displacement: number,
): Origin['candle'] {
  const leg = direction === 'up' ? up : down;
  if (leg === null) return null;
  const { extreme, candle } = originOf(leg, direction, bar);
  return Math.abs(bar.close - extreme) >= displacement * (range?.mean ?? 0) ? candle : null;
}

function blockOf({ direction, kind, start }: StructureEvent, candle: NonNullable<Origin['candle']>): OrderBlock {
  return {
    direction: direction === 'up' ? 'bullish' : 'bearish',
    top: candle.high,
    bottom: candle.low,
    start: candle.start,
    break: kind,
    break_start: start,
    status: 'fresh',
  };
}

const same = (a: OrderBlock, b: OrderBlock): boolean => a.start === b.start && a.direction === b.direction;

function legs(state: OrderBlockState, { high, low, swings }: MarketStructureState, bar: PriceBar, strength: number) {
  const { structure, up, down } = state;
  // After a swing that this bar confirmed the move begins anew, and the bars since are still in the window.
  const since = swings.window.slice(strength + 1);
  return {
    up: high?.start === structure.high?.start ? up && traced(up, 'up', bar) : legOf('up', since),
    down: low?.start === structure.low?.start ? down && traced(down, 'down', bar) : legOf('down', since),
  };
}

/** The blocks after the bar, and those that it touched first or closed through. */
function meet(blocks: readonly OrderBlock[], bar: PriceBar) {
  const mitigated: OrderBlock[] = [];
  const invalidated: OrderBlock[] = [];
  const kept: OrderBlock[] = [];
  for (const block of blocks) {
    const status = statusAfter(block, bar);
    const met = status === block.status ? block : { ...block, status };
    if (status === 'invalidated') invalidated.push(met);
    else kept.push(met);
    if (status === 'mitigated' && met !== block) mitigated.push(met);
  }
  return { blocks: kept, mitigated, invalidated };
}

function statusAfter({ direction, top, bottom, status }: OrderBlock, bar: PriceBar): OrderBlock['status'] {
  const [touched, through] =
    direction === 'bullish' ? [bar.low <= top, bar.close < bottom] : [bar.high >= bottom, bar.close > top];
  return through ? 'invalidated' : touched ? 'mitigated' : status;
}
