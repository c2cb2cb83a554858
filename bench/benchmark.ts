/** Figures of one run: name, with its unit, to value. */
export type Figures = Readonly<Record<string, number>>;

export interface Benchmark {
  readonly name: string;
  readonly about: string;
  /** What to aim at: figure to least (or, with `most`, greatest) value. */
  readonly aims: Readonly<Record<string, { readonly least?: number; readonly most?: number }>>;
  readonly runs: number;
  /** One run. */
  run(): Promise<Figures>;
}
