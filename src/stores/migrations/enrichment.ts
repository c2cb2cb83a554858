import type { Migration } from './migration.ts';

/** Enriched ticks, analyses, and the states from which enrichment goes on. */
export const enrichmentMigration: Migration = {
  number: 2,
  name: 'enrichment',
  statements: [
    `CREATE TABLE day_partitions (
      parent text NOT NULL,
      day date NOT NULL,
      made_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (parent, day)
    )`,
    `CREATE TABLE ticks_enriched (
      stream text NOT NULL,
      entry_id text NOT NULL,
      symbol text NOT NULL,
      ts timestamptz NOT NULL,
      price double precision NOT NULL,
      bid double precision,
      ask double precision,
      volume numeric NOT NULL,
      payload jsonb NOT NULL,
      PRIMARY KEY (ts, entry_id, stream)
    ) PARTITION BY RANGE (ts)`,
    'CREATE INDEX ticks_enriched_symbol_ts ON ticks_enriched (symbol, ts DESC)',
    `CREATE TABLE analyses (
      number bigint GENERATED ALWAYS AS IDENTITY,
      symbol text NOT NULL,
      timeframe text NOT NULL,
      ts timestamptz NOT NULL,
      settled boolean NOT NULL,
      revision integer NOT NULL DEFAULT 0,
      published boolean NOT NULL DEFAULT false,
      written_at timestamptz NOT NULL DEFAULT now(),
      payload json NOT NULL,
      PRIMARY KEY (symbol, timeframe, ts)
    )`,
    'CREATE INDEX analyses_unpublished ON analyses (number) WHERE NOT published',
    `CREATE TABLE leases (
      name text PRIMARY KEY,
      turn bigint NOT NULL,
      until timestamptz NOT NULL
    )`,
    `CREATE TABLE enrichment_states (
      stream text NOT NULL,
      fingerprint text NOT NULL,
      ms bigint NOT NULL,
      seq bigint NOT NULL,
      whole boolean NOT NULL,
      state bytea NOT NULL,
      written_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (stream, fingerprint, ms, seq)
    )`,
  ],
};
