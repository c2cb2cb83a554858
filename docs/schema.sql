CREATE TABLE analyses (
  number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  symbol text NOT NULL,
  timeframe text NOT NULL,
  ts timestamp with time zone NOT NULL,
  settled boolean NOT NULL,
  revision integer NOT NULL DEFAULT 0,
  published boolean NOT NULL DEFAULT false,
  written_at timestamp with time zone NOT NULL DEFAULT now(),
  payload json NOT NULL,
  PRIMARY KEY (symbol, timeframe, ts)
);
CREATE INDEX analyses_unpublished ON analyses USING btree (number) WHERE (NOT published);

CREATE TABLE day_partitions (
  parent text NOT NULL,
  day date NOT NULL,
  made_at timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (parent, day)
);

CREATE TABLE document_chunks (
  document_id text NOT NULL,
  number integer NOT NULL,
  title text NOT NULL,
  headings text[] NOT NULL,
  content text NOT NULL,
  digest text NOT NULL,
  search tsvector NOT NULL,
  PRIMARY KEY (document_id, number),
  FOREIGN KEY (document_id) REFERENCES documents(id) ON DELETE CASCADE
);
CREATE INDEX document_chunks_search ON document_chunks USING gin (search);

CREATE TABLE document_embedders (
  number integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  dimensions integer,
  used_at timestamp with time zone NOT NULL DEFAULT now(),
  UNIQUE (name),
  PRIMARY KEY (number)
);

CREATE TABLE document_terms (
  lexeme text NOT NULL,
  document_id text NOT NULL,
  number integer NOT NULL,
  in_title integer NOT NULL,
  in_headings integer NOT NULL,
  in_content integer NOT NULL,
  length integer NOT NULL,
  PRIMARY KEY (lexeme, document_id, number)
);
CREATE INDEX document_terms_chunk ON document_terms USING btree (document_id, number);

CREATE TABLE document_vectors (
  embedder integer NOT NULL,
  document_id text NOT NULL,
  number integer NOT NULL,
  digest text NOT NULL,
  revision bigint NOT NULL DEFAULT nextval('document_vector_revisions'::regclass),
  vector bytea NOT NULL,
  PRIMARY KEY (embedder, document_id, number),
  FOREIGN KEY (document_id, number) REFERENCES document_chunks(document_id, number) ON DELETE CASCADE,
  FOREIGN KEY (embedder) REFERENCES document_embedders(number) ON DELETE CASCADE
);
CREATE INDEX document_vectors_chunk ON document_vectors USING btree (document_id, number);

CREATE TABLE document_words (
  word text NOT NULL,
  documents integer NOT NULL,
  trigrams text[] NOT NULL,
  PRIMARY KEY (word)
);
CREATE INDEX document_words_trigrams ON document_words USING gin (trigrams);

CREATE TABLE documents (
  id text NOT NULL,
  title text NOT NULL,
  url text,
  format text NOT NULL,
  content text NOT NULL,
  digest text NOT NULL,
  chunks integer NOT NULL,
  length integer NOT NULL,
  words text[] NOT NULL,
  indexed_at timestamp with time zone NOT NULL,
  PRIMARY KEY (id),
  CHECK ((format = ANY (ARRAY['markdown'::text, 'text'::text, 'html'::text])))
);
CREATE INDEX documents_indexed_at ON documents USING btree (indexed_at DESC, id);
CREATE INDEX documents_url ON documents USING btree (url) WHERE (url IS NOT NULL);

CREATE TABLE enrichment_states (
  stream text NOT NULL,
  fingerprint text NOT NULL,
  ms bigint NOT NULL,
  seq bigint NOT NULL,
  whole boolean NOT NULL,
  state bytea NOT NULL,
  written_at timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (stream, fingerprint, ms, seq)
);

CREATE TABLE guidance_calls (
  id uuid NOT NULL,
  at timestamp with time zone NOT NULL,
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
  latency_ms double precision NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX guidance_calls_at ON guidance_calls USING btree (at);
CREATE INDEX guidance_calls_prompt ON guidance_calls USING btree (prompt_hash, configured, at DESC);

CREATE TABLE leases (
  name text NOT NULL,
  turn bigint NOT NULL,
  until timestamp with time zone NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE model_spending (
  model text NOT NULL,
  day date NOT NULL,
  usd numeric NOT NULL,
  PRIMARY KEY (model, day)
);

CREATE TABLE parity_sessions (
  kind text NOT NULL,
  symbol text NOT NULL,
  calendar text NOT NULL,
  session text NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  demo boolean NOT NULL,
  expected integer NOT NULL,
  agreeing integer NOT NULL,
  incumbent_bars integer NOT NULL,
  candidate_bars integer NOT NULL,
  verdict text NOT NULL,
  report jsonb NOT NULL,
  PRIMARY KEY (kind, symbol, calendar, session),
  CHECK (((agreeing >= 0) AND (agreeing <= expected))),
  CHECK ((expected >= 0)),
  CHECK ((kind = ANY (ARRAY['parity'::text, 'noise'::text]))),
  CHECK ((session ~ '^\d{4}-\d{2}-\d{2}$'::text))
);

CREATE TABLE pulse_migrations (
  number integer NOT NULL,
  name text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  PRIMARY KEY (number)
);

CREATE TABLE ticks_enriched (
  stream text NOT NULL,
  entry_id text NOT NULL,
  symbol text NOT NULL,
  ts timestamp with time zone NOT NULL,
  price double precision NOT NULL,
  bid double precision,
  ask double precision,
  volume numeric NOT NULL,
  payload jsonb NOT NULL,
  PRIMARY KEY (ts, entry_id, stream)
) PARTITION BY RANGE (ts);
CREATE INDEX ticks_enriched_symbol_ts ON ONLY ticks_enriched USING btree (symbol, ts DESC);
