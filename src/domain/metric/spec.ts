/** What is fixed about a metric. */
export type MetricSpec =
  | { readonly type: 'counter' | 'gauge'; readonly labels: readonly string[]; readonly help: string }
  | {
      readonly type: 'histogram';
      readonly labels: readonly string[];
      readonly help: string;
      /** Upper bounds of its buckets, rising, in the unit of its name. */
      readonly buckets: readonly number[];
    };
