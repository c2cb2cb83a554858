/** What each model has cost, by UTC day (`YYYY-MM-DD`): caps are held against it. */
export interface Spending {
  /** `usd` more. Rejects with `database.*`. */
  add(model: string, usd: number, day: string): Promise<void>;
  /** In US dollars; 0 where nothing was spent. Rejects with `database.*`. */
  spent(model: string, day: string): Promise<number>;
}
