/** Records kept over all symbols of a side: about 300 bytes each. Symbols beyond them are read anew each time. */
const MOST_KEPT = 200_000;

/** What is read again and again of each symbol, kept as long as it is not too much. */
export class KeptReadings<R extends { readonly size: number }> {
  readonly #make: (symbol: string) => R;
  readonly #most: number;
  readonly #kept = new Map<string, { readonly reading: R; size: number }>();
  #size = 0;

  constructor(make: (symbol: string) => R, most = MOST_KEPT) {
    this.#make = make;
    this.#most = most;
  }

  /** What `use` gives of the reading of a symbol. */
  async use<T>(symbol: string, use: (reading: R) => Promise<T>): Promise<T> {
    const { reading, size } = this.#kept.get(symbol) ?? { reading: this.#make(symbol), size: 0 };
    const result = await use(reading);
    this.#size += reading.size - size;
    if (this.#size <= this.#most) this.#kept.set(symbol, { reading, size: reading.size });
    else {
      this.#size -= reading.size;
      this.#kept.delete(symbol);
    }
    return result;
  }
}
