import type { ExchangeTrade } from './exchange-format.ts';

/** Trades of a symbol that the exchange made and did not send: their numbers, both included. */
export interface MissedTrades {
  readonly symbol: string;
  readonly fromId: number;
  readonly toId: number;
}

/** Holds an exchange's trades against their numbers: each passes once, and what is missing is told. */
export class TradeOrder {
  readonly #last = new Map<string, number>();

  /**
   * Of these trades, in order, those that have not passed before. `snapshot`: the exchange repeats what was before the subscription.
   * The first one of a symbol then only tells where its numbers stand; a later one fills what was missed while cut off.
   */
  pass(
    trades: readonly ExchangeTrade[],
    snapshot: boolean,
  ): { readonly fresh: readonly ExchangeTrade[]; readonly missed: readonly MissedTrades[] } {
    const fresh: ExchangeTrade[] = [];
    const missed: MissedTrades[] = [];
    const unknown = new Set(
      snapshot ? trades.map(({ symbol }) => symbol).filter((symbol) => !this.#last.has(symbol)) : [],
    );
    for (const trade of trades) {
      const { symbol, id } = trade;
      const last = this.#last.get(symbol);
      if (last !== undefined && id <= last) continue;
      this.#last.set(symbol, id);
      if (unknown.has(symbol)) continue;
      if (last !== undefined && id > last + 1) missed.push({ symbol, fromId: last + 1, toId: id - 1 });
      fresh.push(trade);
    }
    return { fresh, missed };
  }
}
