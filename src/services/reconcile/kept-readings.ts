/** Records kept over all symbols of a side: about 300 bytes each. What stands of symbols beyond them is read anew each time. */
const MOST_KEPT = 200_000;

/** What is read again and again. */
interface Reading {
  /** Records that it keeps in memory. */
  readonly size: number;
  /** Keeps none. */
  unload(): void;
}

/** What is read again and again of each symbol, kept as long as it is not too much. */
export class KeptReadings<R extends Reading> {
  readonly #make: (symbol: string) => R;
  readonly #most: number;
  readonly #kept = new Map<string, { readonly reading: R; readonly size: number }>();
  #size = 0;

  constructor(make: (symbol: string) => R, most = MOST_KEPT) {
    this.#make = make;
    this.#most = most;
  }

  /** The reading of a symbol, whose turn it is. */
  of(symbol: string): R {
    const known = this.#kept.get(symbol);
    if (known !== undefined) return known.reading;
    const reading = this.#make(symbol);
    this.#kept.set(symbol, { reading, size: 0 });
    return reading;
  }

  /** The turn of a symbol is over: what it keeps stays in memory, if there is room. */
  endTurn(symbol: string): void {
    const { reading, size } = this.#kept.get(symbol) ?? { reading: this.of(symbol), size: 0 };
    if (this.#size - size + reading.size > this.#most) reading.unload();
    this.#size += reading.size - size;
    this.#kept.set(symbol, { reading, size: reading.size });
  }
}
