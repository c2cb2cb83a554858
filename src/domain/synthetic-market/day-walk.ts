import type { Chance } from './chance.ts';
import type { Instrument } from './instrument.ts';

export const DAY = 86_400_000;
/** The market begins here: far enough back for any tape, near enough to be walked through in a millisecond. */
const FIRST_DAY = Date.UTC(2000, 0, 1) / DAY;

/** What a whole day of a symbol must fit: UTC days, counted from 1970. */
export interface DayFrame {
  /** Natural logarithms of the price at both ends. */
  readonly open: number;
  readonly close: number;
  /** Standard deviation of the day's move, in log price. */
  readonly volatility: number;
}

/**
 * The symbol's walk from day to day: it wanders around its level, and calm and rough weeks cluster. A day's frame depends on the
 * seed, the symbol and the day only, so that a market can begin anywhere.
 */
export class DayWalk {
  readonly #instrument: Instrument;
  readonly #chance: Chance;
  readonly #frames: DayFrame[] = [];
  #log: number;
  /** Logarithm of the volatility, relative to the usual one. */
  #rough = 0;

  constructor(instrument: Instrument, chance: Chance) {
    this.#instrument = instrument;
    this.#chance = chance.fork('days');
    this.#log = Math.log(instrument.level);
  }

  frame(day: number): DayFrame {
    const index = Math.max(0, day - FIRST_DAY);
    while (this.#frames.length <= index) this.#frames.push(this.#next(FIRST_DAY + this.#frames.length));
    return this.#frames[index]!;
  }

  #next(day: number): DayFrame {
    const { kind, level, dailyVolatility } = this.#instrument;
    this.#rough = 0.94 * this.#rough + 0.13 * this.#chance.normal();
    const weekday = (day + 4) % 7;
    // FX trades three hours of a Sunday and not on Saturdays.
    const share = kind === 'crypto' ? 1 : weekday === 6 ? 0 : weekday === 0 ? 0.2 : 1;
    const volatility = dailyVolatility * share * Math.exp(this.#rough);
    const open = this.#log;
    // The pull keeps the price within about 12 days' worth of moves of its level, however long the market runs.
    const pull = share === 0 ? 0 : (Math.log(level) - open) * 0.004;
    this.#log = open + pull + volatility * this.#chance.normal();
    return { open, close: this.#log, volatility };
  }
}
