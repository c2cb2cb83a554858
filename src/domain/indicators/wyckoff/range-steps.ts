import { renewedClimax } from './climax.ts';
import { excursionStep, springStep } from './spring.ts';
import { heightOf, left, quiet, type Seen, type Step, type TradingRange } from './trading-range.ts';
import { closePosition, standsOut } from './volume-spread.ts';

/** The least height of a range, in mean spreads of the bars before the climax. */
const HEIGHT = 3;
/** Bars without a higher high that confirm the reaction. */
const TURNED = 3;

/** The range after a bar more; `timeout` is the most bars from its climax. */
export function rangeStep(range: TradingRange, seen: Seen, timeout: number): Step {
  if (seen.at - range.climax.at > timeout) return left;
  if (range.boundAt === null) return reactionStep(range, seen);
  if (range.phase === 'E') return seen.bar.close < range.high ? left : quiet(range);
  if (range.phase === 'D') return strengthStep(range, seen);
  const gone = seen.bar.close > range.high + heightOf(range) / 2;
  return signStep(range, seen) ?? (gone ? left : (excursionStep(range, seen) ?? testStep(range, seen)));
}

/** Phase A until the automatic reaction gives the range its bounds. */
function reactionStep(range: TradingRange, seen: Seen): Step {
  const { bar, at } = seen;
  if (bar.low < range.low) {
    const renewed = renewedClimax(range.side, seen);
    if (renewed !== null) return renewed;
    if (bar.close < range.low - range.unit) return left;
  }
  const low = Math.min(range.low, bar.low);
  if (bar.high > range.high) return quiet({ ...range, low, high: bar.high, highStart: bar.start, highAt: at });
  if (at - range.highAt < TURNED || range.high - low < HEIGHT * range.unit)
    return low === range.low ? quiet(range) : quiet({ ...range, low });
  return {
    range: { ...range, low, boundAt: at },
    happening: { role: 'reaction', start: range.highStart, price: range.high },
  };
}

/** Secondary tests in phases A and B; the test of the spring in C. */
function testStep(range: TradingRange, seen: Seen): Step {
  const { turn } = seen;
  if (range.phase === 'C') return springStep(range, seen);
  const { low, climax } = range;
  const tested =
    turn !== null &&
    turn.bar.low >= low &&
    turn.bar.low <= low + heightOf(range) / 4 &&
    turn.bar.volume < climax.volume &&
    turn.bar.high - turn.bar.low < climax.spread;
  if (!tested) return quiet(range);
  return {
    range: { ...range, phase: 'B' },
    happening: { role: 'test', start: turn.bar.start, price: turn.bar.low },
  };
}

/** The sign of strength that ends phase B or C. */
function signStep(range: TradingRange, { bar, at, activity }: Seen): Step | null {
  const strong =
    (range.phase === 'B' || range.phase === 'C') &&
    bar.close > range.high &&
    bar.close > bar.open &&
    closePosition(bar) >= 0.7 &&
    standsOut(bar.high - bar.low, activity.spread, 1) &&
    standsOut(bar.volume, activity.volume, 1);
  if (!strong) return null;
  const sign = { at, peak: bar.high };
  return {
    range: { ...range, phase: 'D', excursion: null, sign },
    happening: { role: 'sign', start: bar.start, price: bar.close },
  };
}

/** Phase D, until the range is left for E or the sign of strength proves false. */
function strengthStep(range: TradingRange, { bar, activity, turn }: Seen): Step {
  const middle = range.low + heightOf(range) / 2;
  const sign = range.sign!;
  if (bar.close < middle) return quiet({ ...range, phase: 'B', spring: null, sign: null, supported: false });
  const support =
    turn !== null && turn.at > sign.at && turn.bar.low >= middle && turn.bar.volume < activity.volume.mean;
  const supported = range.supported || support;
  const leaves = supported ? bar.close > sign.peak : bar.close > range.high + heightOf(range);
  return {
    range: {
      ...range,
      phase: leaves ? 'E' : 'D',
      sign: bar.high > sign.peak ? { ...sign, peak: bar.high } : sign,
      supported,
    },
    happening: support ? { role: 'last', start: turn.bar.start, price: turn.bar.low } : null,
  };
}
