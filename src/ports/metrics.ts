export type Labels = Readonly<Record<string, string>>;

/** Counts and gauges, exported as Prometheus text. Names are snake_case with unit suffix and start with `pulse_`. */
export interface Metrics {
  counter(name: string, help: string, labels?: readonly string[]): { inc(by?: number, labels?: Labels): void };
  gauge(
    name: string,
    help: string,
    labels?: readonly string[],
  ): { set(value: number, labels?: Labels): void; remove(labels: Labels): void };
  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly string[],
  ): { observe(value: number, labels?: Labels): void };
}
