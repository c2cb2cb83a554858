import type { Chance } from './chance.ts';

/** How a symbol's ticks look. */
const forms = ['trade', 'quote', 'iso', 'seconds', 'repeats'] as const;
export type Form = (typeof forms)[number];

/** Makes the numbered ticks of one symbol. */
export class TickMaker {
  readonly symbol: string;
  readonly form: Form;
  readonly #chance: Chance;
  #n = 0;
  #cents: number;
  #repeat = 0;
  #last = '';

  constructor(symbol: string, form: Form, chance: Chance) {
    this.symbol = symbol;
    this.form = form;
    this.#chance = chance;
    this.#cents = chance.whole(5_000, 500_000);
  }

  /** The next one, at this event time (whole epoch milliseconds). */
  next(ts: number): string {
    if (this.form === 'repeats' && this.#repeat > 0) {
      // A publisher that says the same several times, byte for byte.
      this.#repeat -= 1;
      return this.#last;
    }
    this.#n += 1;
    this.#cents = Math.max(100, this.#cents + this.#chance.whole(-15, 15));
    const n = this.#n;
    const price = (this.#cents / 100).toFixed(2);
    const volume = `${this.#chance.whole(0, 40)}.${String(this.#chance.whole(0, 99_999_999)).padStart(8, '0')}`;
    const symbol = this.symbol;
    switch (this.form) {
      case 'trade':
        return `{"symbol":"${symbol}","ts":${ts},"price":${price},"volume":${volume},"seq":${n}}`;
      case 'quote':
        return `{"ts":${ts},"bid":${price},"ask":${((this.#cents + 3) / 100).toFixed(2)},"symbol":"${symbol}","seq":${n}}`;
      case 'iso':
        return `{"ts":"${new Date(ts).toISOString()}","last":${price},"size":${volume},"id":"${symbol}-${n}"}`;
      case 'seconds':
        return `{"seq":${n},"ts":${(ts / 1000).toFixed(3)},"price":${price},"vol":${volume},"symbol":"${symbol}"}`;
      case 'repeats':
        this.#repeat = this.#chance.happens(0.5) ? this.#chance.whole(1, 3) : 0;
        this.#last = `{"symbol":"${symbol}","ts":${ts},"price":${price},"volume":1}`;
        return this.#last;
    }
  }
}

/** The form of a symbol: most are trades. */
export const formOf = (chance: Chance): Form => (chance.happens(0.6) ? 'trade' : chance.pick(forms));
