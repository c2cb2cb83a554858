import type { Database } from '../ports/database.ts';
import { migrate } from './migrations.ts';

/** One call of guidance, with all that it takes to make the answer again. JSON fields come back as they were. */
export interface GuidanceCall {
  /** UUID. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Name of the caller's key. */
  readonly caller: string;
  readonly endpoint: string;
  readonly provider: string;
  /** As the provider names it. */
  readonly model: string;
  /** Provider and model as they are configured: a provider may name the model that answered otherwise. Null: the rules. */
  readonly configured: string | null;
  /** Hex SHA-256 of the prompt. */
  readonly promptHash: string;
  /** Whether the rules answered. */
  readonly stub: boolean;
  /** Whether an earlier answer was given again. */
  readonly reused: boolean;
  /** Payload, facts, notes and questions. */
  readonly inputs: unknown;
  /** Before nudges. */
  readonly base: unknown;
  /** As given, with its meta. */
  readonly answer: unknown;
  readonly tokens: { readonly input: number | null; readonly output: number | null };
  /** US dollars; null where it is not known. */
  readonly costUsd: number | null;
  readonly latencyMs: number;
}

/** Every call of guidance. All reject with `database.*`. */
export interface GuidanceCalls {
  insert(call: GuidanceCall): Promise<void>;
  get(id: string): Promise<GuidanceCall | null>;
  /** The newest answer of this model to this prompt, made (not given again) at or after `since`; null where there is none. */
  newestOf(promptHash: string, configured: string, since: number): Promise<GuidanceCall | null>;
  /** Deletes calls before `limit` (epoch milliseconds). Resolves with how many. */
  dropOlder(limit: number): Promise<number>;
  /** Adds to what a model cost on a day (`YYYY-MM-DD`, UTC). */
  add(model: string, usd: number, day: string): Promise<void>;
  /** US dollars. */
  spent(model: string, day: string): Promise<number>;
}

interface CallRow extends Record<string, unknown> {
  readonly id: string;
  readonly at: string;
  readonly caller: string;
  readonly endpoint: string;
  readonly provider: string;
  readonly model: string;
  readonly configured: string | null;
  readonly prompt_hash: string;
  readonly stub: boolean;
  readonly reused: boolean;
  readonly inputs: string;
  readonly base: string;
  readonly answer: string;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly cost_usd: number | null;
  readonly latency_ms: number;
}

// As text: JSON in a document may hold \u0000, which jsonb refuses, and comes out byte for byte.
const SELECT = `SELECT id, (extract(epoch FROM at) * 1000)::int8 AS at, caller, endpoint, provider, model, configured, prompt_hash, stub, reused,
  inputs::text, base::text, answer::text, input_tokens, output_tokens, cost_usd, latency_ms FROM guidance_calls`;

/** Opens the store, its schema brought up to date. Rejects with `database.*`. */
export async function openGuidanceCalls(database: Database): Promise<GuidanceCalls> {
  await migrate(database);
  return {
    async insert(call) {
      await database.query(
        `INSERT INTO guidance_calls (id, at, caller, endpoint, provider, model, configured, prompt_hash, stub, reused, inputs, base, answer,
           input_tokens, output_tokens, cost_usd, latency_ms)
         VALUES ($1, to_timestamp($2::float8 / 1000), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
        [
          call.id,
          call.at,
          call.caller,
          call.endpoint,
          call.provider,
          call.model,
          call.configured,
          call.promptHash,
          call.stub,
          call.reused,
          JSON.stringify(call.inputs),
          JSON.stringify(call.base),
          JSON.stringify(call.answer),
          call.tokens.input,
          call.tokens.output,
          call.costUsd,
          call.latencyMs,
        ],
      );
    },
    async get(id) {
      const [row] = await database.query<CallRow>(`${SELECT} WHERE id = $1`, [id]);
      return row === undefined ? null : callOf(row);
    },
    async newestOf(promptHash, configured, since) {
      const [row] = await database.query<CallRow>(
        `${SELECT} WHERE prompt_hash = $1 AND configured = $2 AND NOT reused AND at >= to_timestamp($3::float8 / 1000)
         ORDER BY at DESC LIMIT 1`,
        [promptHash, configured, since],
      );
      return row === undefined ? null : callOf(row);
    },
    async dropOlder(limit) {
      const [row] = await database.query<{ n: number }>(
        `WITH gone AS (DELETE FROM guidance_calls WHERE at < to_timestamp($1::float8 / 1000) RETURNING 1)
         SELECT count(*)::int4 AS n FROM gone`,
        [limit],
      );
      return row!.n;
    },
    async add(model, usd, day) {
      await database.query(
        `INSERT INTO model_spending AS s (model, day, usd) VALUES ($1, $2, $3)
         ON CONFLICT (model, day) DO UPDATE SET usd = s.usd + excluded.usd`,
        [model, day, usd],
      );
    },
    async spent(model, day) {
      const [row] = await database.query<{ usd: number }>(
        'SELECT usd::float8 AS usd FROM model_spending WHERE model = $1 AND day = $2',
        [model, day],
      );
      return row?.usd ?? 0;
    },
  };
}

const callOf = (row: CallRow): GuidanceCall => ({
  id: row.id,
  at: Number(row.at),
  caller: row.caller,
  endpoint: row.endpoint,
  provider: row.provider,
  model: row.model,
  configured: row.configured,
  promptHash: row.prompt_hash,
  stub: row.stub,
  reused: row.reused,
  inputs: JSON.parse(row.inputs),
  base: JSON.parse(row.base),
  answer: JSON.parse(row.answer),
  tokens: { input: row.input_tokens, output: row.output_tokens },
  costUsd: row.cost_usd,
  latencyMs: row.latency_ms,
});
