/** A row: column names to values as `pg` gives them (int8 and numeric are text, timestamptz is Date, jsonb is parsed). */
export type Row = Record<string, unknown>;

/** Runs one statement with `$1` parameters. Rejects with `database.unavailable` (retry), or with `database.query` where no retry helps. */
export type Query = <R extends Row = Row>(sql: string, params?: readonly unknown[]) => Promise<R[]>;

/** PostgreSQL, embedded or real: one dialect. */
export interface Database {
  query: Query;
  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. Where another transaction got into its way, `work`
   * is done again in a new one.
   */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Runs several statements without parameters (migrations). */
  script(sql: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
