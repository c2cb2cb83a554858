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

  /** What `use` gives of the reading of a symbol. */
  async use<T>(symbol: string, use: (reading: R) => T | Promise<T>): Promise<T> {
    const { reading, size } = this.#kept.get(symbol) ?? { reading: this.#make(symbol), size: 0 };
    const result = await use(reading);
    this.#size += reading.size - size;
    if (this.#size > this.#most) {
      this.#size -= reading.size;
      reading.unload();
    }
    this.#kept.set(symbol, { reading, size: reading.size });
    return result;
  }
}
