import type { EpochFilter } from '../../domain/tape/epoch-filter.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { SymbolBars, TickCounts } from './symbol-bars.ts';

/** Counters of one side's bars. Their labels are few, however many symbols there are. */
export interface BarMetrics {
  /** Counts what pipelines took since the last call; call before their bars and rejects are let go. */
  count(pipelines: readonly SymbolBars[]): void;
  /** Counts what filters of epochs left out since the last call. */
  leftOut(filters: readonly EpochFilter[]): void;
  /** Counts bars that the log refuses. */
  refused(bars: number): void;
  readonly open: { set(value: number): void };
}

export function barMetrics(metrics: Metrics, side: 'candidate' | 'incumbent'): BarMetrics {
  const ticks = metrics.counter('pulse_bars_ticks_total');
  const flagged = metrics.counter('pulse_bars_flagged_ticks_total');
  const bars = metrics.counter('pulse_bars_written_total');
  const rejected = metrics.counter('pulse_bars_rejected_total');
  const refused = metrics.counter('pulse_bars_refused_total');
  const leftOut = metrics.counter('pulse_bars_left_out_ticks_total');
  const open = metrics.gauge('pulse_bars_open');
  const told = new WeakMap<SymbolBars, TickCounts>();
  const toldLeftOut = new WeakMap<EpochFilter, { older: number; repeated: number }>();
  return {
    count(pipelines) {
      const sum: TickCounts = { taken: 0, counted: 0, rejected: 0, crossed: 0, locked: 0 };
      for (const pipeline of pipelines) {
        const { counts } = pipeline;
        let before = told.get(pipeline);
        if (before === undefined) {
          before = { taken: 0, counted: 0, rejected: 0, crossed: 0, locked: 0 };
          told.set(pipeline, before);
        }
        addSince(sum, before, counts);
        for (const { reason } of pipeline.rejects) rejected.inc(1, { side, reason });
      }
      ticks.inc(sum.counted, { side, outcome: 'counted' });
      ticks.inc(sum.rejected, { side, outcome: 'rejected' });
      flagged.inc(sum.crossed, { side, flag: 'crossed' });
      flagged.inc(sum.locked, { side, flag: 'locked' });
      for (const [kind, count] of kindsOf(pipelines)) {
        const [tf, rev] = kind.split(' ') as [string, string];
        bars.inc(count, { side, tf, kind: rev });
      }
    },
    leftOut(filters) {
      for (const filter of filters) {
        const { older, repeated } = filter.counts;
        if (older + repeated === 0) continue;
        const before = toldLeftOut.get(filter) ?? { older: 0, repeated: 0 };
        leftOut.inc(older - before.older, { side, reason: 'older' });
        leftOut.inc(repeated - before.repeated, { side, reason: 'repeated' });
        toldLeftOut.set(filter, { older, repeated });
      }
    },
    refused: (count) => refused.inc(count, { side }),
    open: { set: (value) => open.set(value, { side }) },
  };
}

/** Adds to `sum` what was counted since `before`, which is brought up to `now`. */
function addSince(sum: TickCounts, before: TickCounts, now: TickCounts): void {
  for (const name of NAMES) {
    sum[name] += now[name] - before[name];
    before[name] = now[name];
  }
}

const NAMES = ['taken', 'counted', 'rejected', 'crossed', 'locked'] as const;

/** How many bars of each timeframe are final, and how many corrections: `1m final`. */
function kindsOf(pipelines: readonly SymbolBars[]): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const { bars } of pipelines) {
    for (const { tf, rev } of bars) {
      const kind = `${tf} ${rev === 0 ? 'final' : 'correction'}`;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  return kinds;
}
