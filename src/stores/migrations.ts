import { PulseError } from '../domain/errors.ts';
import type { Database } from '../ports/database.ts';

/** A step of the schema. Once released it never changes; a further step mends it. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Any number will do, as long as nothing else takes it. */
const LOCK = 7_420_001;

const migrations: readonly Migration[] = [
  {
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
  },
  {
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
  },
  {
    number: 5,
    name: 'guidance',
    statements: [
      `CREATE TABLE guidance_calls (
        id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        caller text NOT NULL,
        endpoint text NOT NULL,
        provider text NOT NULL,
        model text NOT NULL,
        configured text,
        prompt_hash text NOT NULL,
        stub boolean NOT NULL,
        reused boolean NOT NULL,
        inputs json NOT NULL,
        base json NOT NULL,
        answer json NOT NULL,
        input_tokens integer,
        output_tokens integer,
        cost_usd double precision,
        latency_ms double precision NOT NULL
      )`,
      'CREATE INDEX guidance_calls_prompt ON guidance_calls (prompt_hash, configured, at DESC)',
      'CREATE INDEX guidance_calls_at ON guidance_calls (at)',
      `CREATE TABLE model_spending (
        model text NOT NULL,
        day date NOT NULL,
        usd numeric NOT NULL,
        PRIMARY KEY (model, day)
      )`,
    ],
  },
];

/** Brings the schema up to date; two that start at once do it once. Rejects with `database.newer` where a later version of Pulse was there before. */
export async function migrate(database: Database, known: readonly Migration[] = migrations): Promise<void> {
  await database.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await query(`CREATE TABLE IF NOT EXISTS pulse_migrations (
      number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const applied = await query<{ number: number; name: string }>('SELECT number, name FROM pulse_migrations');
    const newer = applied.find(({ number }) => !known.some((migration) => migration.number === number));
    if (newer !== undefined)
      throw new PulseError('database.newer', { number: newer.number, name: newer.name, newest: known.at(-1)?.number });
    for (const { number, name, statements } of known) {
      if (applied.some((each) => each.number === number)) continue;
      for (const statement of statements) await query(statement);
      await query('INSERT INTO pulse_migrations (number, name) VALUES ($1, $2)', [number, name]);
    }
  });
}
