import type { Migration } from './migration.ts';

/** The parity ledger. */
export const parityMigration: Migration = {
  number: 1,
  name: 'parity sessions',
  statements: [
    `CREATE TABLE parity_sessions (
      kind text NOT NULL CHECK (kind IN ('parity', 'noise')),
      symbol text NOT NULL,
      calendar text NOT NULL,
      session text NOT NULL CHECK (session ~ '^\\d{4}-\\d{2}-\\d{2}$'),
      recorded_at timestamptz NOT NULL,
      demo boolean NOT NULL,
      expected integer NOT NULL CHECK (expected >= 0),
      agreeing integer NOT NULL CHECK (agreeing BETWEEN 0 AND expected),
      incumbent_bars integer NOT NULL,
      candidate_bars integer NOT NULL,
      verdict text NOT NULL,
      report jsonb NOT NULL,
      PRIMARY KEY (kind, symbol, calendar, session)
    )`,
  ],
};
