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

CREATE TABLE leases (
  name text NOT NULL,
  turn bigint NOT NULL,
  until timestamp with time zone NOT NULL,
  PRIMARY KEY (name)
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
