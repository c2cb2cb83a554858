import { MINUTE, minuteOf } from '../base/timeframe.ts';
import type { Chance } from './chance.ts';
import { type DayPlan, dayPlan } from './day-plan.ts';
import { DAY, DayWalk } from './day-walk.ts';
import { type Instrument, instrumentOf } from './instrument.ts';
import { type MarketTick, minuteTicks } from './minute-ticks.ts';

/** Trades a day that ids leave room for: within a day they have no holes. */
const IDS_A_DAY = 10_000_000;

/**
 * A believable market that is always the same for a seed: its ticks depend on the seed, the symbol and the time alone, so that
 * any stretch can be had on its own, and a restart goes on where the market would be by then.
 */
export class SyntheticMarket {
  readonly #symbols: readonly SymbolMarket[];

  /** Rejects with `feed.symbol.unknown`. */
  constructor(symbols: readonly string[], chance: Chance) {
    this.#symbols = symbols.map((symbol) => new SymbolMarket(instrumentOf(symbol), chance.fork(`market ${symbol}`)));
  }

  /** The ticks with `from` ≤ ts < `to` (epoch milliseconds), of all symbols in time order, in one batch for each minute that has any. */
  *ticksBetween(from: number, to: number = Number.POSITIVE_INFINITY): Generator<readonly MarketTick[]> {
    for (let minute = minuteOf(from); minute < to; minute += MINUTE) {
      let ticks = this.#symbols.flatMap((market) => market.minute(minute)).sort((a, b) => a.tsMs - b.tsMs);
      if (minute < from || minute + MINUTE > to) ticks = ticks.filter(({ tsMs }) => tsMs >= from && tsMs < to);
      if (ticks.length > 0) yield ticks;
    }
  }
}

class SymbolMarket {
  readonly #instrument: Instrument;
  readonly #chance: Chance;
  readonly #walk: DayWalk;
  #day = Number.NaN;
  #plan: DayPlan | null = null;

  constructor(instrument: Instrument, chance: Chance) {
    this.#instrument = instrument;
    this.#chance = chance;
    this.#walk = new DayWalk(instrument, chance);
  }

  minute(start: number): MarketTick[] {
    const day = Math.floor(start / DAY);
    if (this.#plan === null || day !== this.#day) {
      this.#plan = dayPlan(this.#instrument, day, this.#walk.frame(day), this.#chance.fork(`day ${day}`));
      this.#day = day;
    }
    const m = (start - day * DAY) / MINUTE;
    const { logs, volatility, ticks, before, spread } = this.#plan;
    if (ticks[m] === 0) return [];
    const frame = {
      start,
      open: logs[m]!,
      close: logs[m + 1]!,
      volatility: volatility[m]!,
      ticks: ticks[m]!,
      spread: spread[m]!,
      firstId: day * IDS_A_DAY + before[m]!,
    };
    return minuteTicks(this.#instrument, frame, this.#chance.fork(`minute ${start / MINUTE}`));
  }
}
