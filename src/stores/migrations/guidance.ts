import type { Migration } from './migration.ts';

/** Calls of guidance, and what models cost. */
export const guidanceMigration: Migration = {
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
};
