/** What the publisher knows of a tick that it published. */
export interface Published {
  readonly symbol: string;
  /** Which publisher sent it: the ticks of one publisher are in order. */
  readonly publisher: number;
  readonly payload: string;
  /** Event time, epoch milliseconds. */
  readonly ts: number;
  /** When it was written to Redis (epoch milliseconds). */
  readonly sentAt: number;
  /** When Redis answered; while it has not, null. */
  answeredAt: number | null;
  /** The connection was gone before Redis answered: it may be published or not. */
  unsure: boolean;
}

/** Everything that was published, in order per publisher. */
export class Book {
  readonly ticks: Published[] = [];

  add(tick: Published): void {
    this.ticks.push(tick);
  }

  /** By symbol, and in it by publisher. */
  bySymbol(): Map<string, Published[][]> {
    const symbols = new Map<string, Map<number, Published[]>>();
    for (const tick of this.ticks) {
      let own = symbols.get(tick.symbol);
      if (own === undefined) symbols.set(tick.symbol, (own = new Map()));
      const list = own.get(tick.publisher);
      if (list === undefined) own.set(tick.publisher, [tick]);
      else list.push(tick);
    }
    return new Map([...symbols].map(([symbol, own]) => [symbol, [...own.values()]]));
  }
}
