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
    number: 3,
    name: 'documents',
    statements: [
      // English word stems, but no stop words: those are a matter of the query, and "in the money" can be asked for.
      'CREATE TEXT SEARCH DICTIONARY pulse_stem (TEMPLATE = pg_catalog.snowball, Language = english)',
      'CREATE TEXT SEARCH CONFIGURATION pulse_words (COPY = pg_catalog.simple)',
      `ALTER TEXT SEARCH CONFIGURATION pulse_words
        ALTER MAPPING FOR asciiword, word, hword, hword_part, asciihword, hword_asciipart WITH pulse_stem`,
      `CREATE TABLE documents (
        id text PRIMARY KEY,
        title text NOT NULL,
        url text,
        format text NOT NULL CHECK (format IN ('markdown', 'text', 'html')),
        content text NOT NULL,
        digest text NOT NULL,
        chunks integer NOT NULL,
        length integer NOT NULL,
        words text[] NOT NULL,
        indexed_at timestamptz NOT NULL
      )`,
      'CREATE INDEX documents_indexed_at ON documents (indexed_at DESC, id)',
      'CREATE INDEX documents_url ON documents (url) WHERE url IS NOT NULL',
      `CREATE TABLE document_chunks (
        document_id text NOT NULL REFERENCES documents ON DELETE CASCADE,
        number integer NOT NULL,
        title text NOT NULL,
        headings text[] NOT NULL,
        content text NOT NULL,
        digest text NOT NULL,
        search tsvector NOT NULL,
        PRIMARY KEY (document_id, number)
      )`,
      'CREATE INDEX document_chunks_search ON document_chunks USING gin (search)',
      `CREATE TABLE document_terms (
        lexeme text NOT NULL,
        document_id text NOT NULL,
        number integer NOT NULL,
        in_title integer NOT NULL,
        in_headings integer NOT NULL,
        in_content integer NOT NULL,
        length integer NOT NULL,
        PRIMARY KEY (lexeme, document_id, number),
        FOREIGN KEY (document_id, number) REFERENCES document_chunks ON DELETE CASCADE
      )`,
      'CREATE INDEX document_terms_chunk ON document_terms (document_id, number)',
      `CREATE TABLE document_words (
        word text PRIMARY KEY,
        documents integer NOT NULL,
        trigrams text[] NOT NULL
      )`,
      'CREATE INDEX document_words_trigrams ON document_words USING gin (trigrams)',
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
