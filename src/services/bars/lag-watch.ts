import { LAG_GAUGES } from '../../domain/metric/bars.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { keyOf } from './partition-bars.ts';
import type { Ranges } from './stretches.ts';

interface LagNeeds {
  readonly metrics: Metrics;
  readonly journal: Journal;
}

/** A partition, and the next record to take of it. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
}

/** How far a consumer is behind the end of its partitions, in records. */
export class LagWatch {
  readonly #journal: Journal;
  readonly #limit: number;
  readonly #gauge;
  readonly #total;
  readonly #high = new Set<string>();
  /** Partitions that have a gauge. */
  #shown = new Map<string, { readonly topic: string; readonly partition: number }>();
  /** Over all partitions, at the last look. */
  behind = 0;

  constructor({ metrics, journal }: LagNeeds, limit: number) {
    this.#journal = journal;
    this.#limit = limit;
    this.#gauge = metrics.gauge('pulse_bars_lag_records');
    this.#total = metrics.gauge('pulse_bars_lag_total_records');
  }

  /** `places`: of the partitions held; `ranges`: where their topics end now. */
  look(places: readonly Place[], ranges: Ranges): void {
    const lags = places.map((place) => ({
      place,
      lag: Math.max(0, (ranges.at(place.topic, place.partition)?.end ?? 0) - place.position),
    }));
    this.behind = lags.reduce((sum, { lag }) => sum + lag, 0);
    this.#total.set(this.behind);
    for (const { place, lag } of lags) this.#tell(place, lag);
    this.#show(lags);
  }

  #show(lags: readonly { place: Place; lag: number }[]): void {
    const all = lags.length <= LAG_GAUGES;
    const chosen = all
      ? lags
      : lags
          .filter(({ lag }) => lag > 0)
          .sort((a, b) => b.lag - a.lag)
          .slice(0, LAG_GAUGES);
    const shown = new Map(chosen.map(({ place }) => [keyOf(place), place]));
    for (const [key, { topic, partition }] of this.#shown)
      if (!shown.has(key)) this.#gauge.remove({ topic, partition: String(partition) });
    for (const { place, lag } of chosen)
      this.#gauge.set(lag, { topic: place.topic, partition: String(place.partition) });
    this.#shown = shown;
  }

  #tell(place: Place, lag: number): void {
    if (lag <= this.#limit && this.#high.size === 0) return;
    const key = keyOf(place);
    const data = { topic: place.topic, partition: place.partition, lag, limit: this.#limit };
    if (lag > this.#limit && !this.#high.has(key)) {
      this.#high.add(key);
      this.#journal.event('warn', 'lag.high', `${key} is ${lag} records behind`, data);
    } else if (lag <= this.#limit && this.#high.delete(key)) {
      this.#journal.event('info', 'lag.normal', `${key} is ${lag} records behind`, data);
    }
  }
}
