import type { Metrics } from '../../ports/metrics.ts';
import type { SymbolBars, TickCounts } from './symbol-bars.ts';

/** Counters of one side's bars. */
export interface BarMetrics {
  /** Counts what a pipeline took since the last call; call before its bars and rejects are let go. */
  count(pipeline: SymbolBars): void;
  readonly open: { set(value: number): void };
}

export function barMetrics(metrics: Metrics, side: 'candidate' | 'incumbent'): BarMetrics {
  const ticks = metrics.counter('pulse_bars_ticks_total', 'Ticks taken in, by what became of them.', [
    'side',
    'outcome',
  ]);
  const flagged = metrics.counter('pulse_bars_flagged_ticks_total', 'Quotes that were kept though crossed or locked.', [
    'side',
    'flag',
  ]);
  const bars = metrics.counter('pulse_bars_written_total', 'Bars written, corrections apart.', ['side', 'tf', 'kind']);
  const rejected = metrics.counter('pulse_bars_rejected_total', 'Ticks that could not be used, by reason.', [
    'side',
    'reason',
  ]);
  const open = metrics.gauge('pulse_bars_open', 'Minutes under construction.', ['side']);
  const told = new WeakMap<SymbolBars, TickCounts>();
  return {
    count(pipeline) {
      const { counts } = pipeline;
      const before = told.get(pipeline) ?? { taken: 0, counted: 0, rejected: 0, crossed: 0, locked: 0 };
      told.set(pipeline, { ...counts });
      ticks.inc(counts.counted - before.counted, { side, outcome: 'counted' });
      ticks.inc(counts.rejected - before.rejected, { side, outcome: 'rejected' });
      flagged.inc(counts.crossed - before.crossed, { side, flag: 'crossed' });
      flagged.inc(counts.locked - before.locked, { side, flag: 'locked' });
      for (const { reason } of pipeline.rejects) rejected.inc(1, { side, reason });
      for (const { tf, rev } of pipeline.bars) bars.inc(1, { side, tf, kind: rev === 0 ? 'final' : 'correction' });
    },
    open: { set: (value) => open.set(value, { side }) },
  };
}
