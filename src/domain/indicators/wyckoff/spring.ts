import { type Excursion, heightOf, left, quiet, type Seen, type Step, type TradingRange } from './trading-range.ts';

/** How far below the range, in its heights, is no longer a spring but a break-down. */
const SHALLOW = 1 / 3;
/** Bars within which a close must be back. */
const BACK_WITHIN = 3;
/** Bars of phase B, from the confirmed reaction, that a cause takes; what comes earlier only tests. */
const CAUSE = 20;

/** Below the range and back again, or out of it for good; null while nothing of the kind goes on. */
export function excursionStep(range: TradingRange, { bar, at }: Seen): Step | null {
  if (range.excursion === null && bar.low >= range.low) return null;
  const excursion: Excursion = {
    bars: (range.excursion?.bars ?? 0) + 1,
    ...(range.excursion === null || bar.low < range.excursion.low
      ? { low: bar.low, start: bar.start }
      : { low: range.excursion.low, start: range.excursion.start }),
    volume: Math.max(range.excursion?.volume ?? 0, bar.volume),
  };
  if (range.low - excursion.low > heightOf(range) * SHALLOW) return left;
  if (bar.close > range.low) return backInside({ ...range, excursion: null }, excursion, at);
  return excursion.bars < BACK_WITHIN ? quiet({ ...range, excursion }) : left;
}

function backInside(range: TradingRange, { low, start, volume }: Excursion, at: number): Step {
  // Supply as great as at the climax is no test of what was left of it.
  if (volume >= range.climax.volume) return quiet(range);
  const early = range.phase === 'A' || (range.phase === 'B' && at - range.boundAt! < CAUSE);
  if (early) return { range: { ...range, phase: 'B' }, happening: { role: 'early', start, price: low } };
  return {
    range: { ...range, phase: 'C', spring: { low, volume, tested: false } },
    happening: { role: 'false', start, price: low },
  };
}

/** The test of the spring: a higher low on less volume. */
export function springStep(range: TradingRange, { activity, turn }: Seen): Step {
  const { spring, low } = range;
  const tested =
    spring !== null &&
    !spring.tested &&
    turn !== null &&
    turn.bar.low > spring.low &&
    turn.bar.low <= low + heightOf(range) * 0.4 &&
    turn.bar.volume < spring.volume &&
    turn.bar.volume < activity.volume.mean;
  if (!tested) return quiet(range);
  return {
    range: { ...range, spring: { ...spring, tested: true } },
    happening: { role: 'retest', start: turn.bar.start, price: turn.bar.low },
  };
}
