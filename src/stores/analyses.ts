import type { BarAnalysis } from '../domain/analysis/bar-analysis.ts';
import type { UnifiedAnalysis } from '../domain/analysis/unified-analysis.ts';
import type { Timeframe } from '../domain/base/timeframe.ts';
import type { Database, Query } from '../ports/database.ts';
import { migrate } from './migrations.ts';

/** An analysis as it is stored. */
export interface StoredAnalysis {
  readonly symbol: string;
  readonly timeframe: string;
  /** The payload's JSON. */
  readonly text: string;
}

/** The analyses of every bar, one for each; those that the record log does not have yet wait here. */
export interface Analyses {
  /**
   * Writes analyses, in the given transaction, as its last statements: others that write some wait until it is over, so that the order of
   * analyses is that of commits. One of a settled bar stays as it is; one that was not gives way, unless to one of fewer ticks that is not either.
   */
  insert(query: Query, analyses: readonly BarAnalysis[]): Promise<void>;
  /** The newest `limit` analyses of a symbol and timeframe, newest first. */
  newest(symbol: string, timeframe: Timeframe, limit: number): Promise<UnifiedAnalysis[]>;
  /**
   * Hands the oldest unpublished analyses, up to `max`, to `publish`, and marks them once it resolves; one publisher at a time, so that they
   * leave in order. Resolves with how many: 0 where there are none or another publisher is at it. After a crash in between they are handed
   * over again, and so they are where `publish` takes longer than a minute: by then another publisher may be at it, too.
   */
  publish(max: number, publish: (analyses: readonly StoredAnalysis[]) => Promise<void>): Promise<number>;
  /** The symbols and timeframes that have one, sorted. */
  charts(): Promise<{ symbol: string; timeframe: string }[]>;
  /** How many wait to be published. */
  unpublished(): Promise<number>;
  /** Deletes published analyses of bars that began before `limit` (epoch milliseconds) and were stored before `limit`. */
  dropOlder(limit: number): Promise<number>;
}

/** Any number will do, as long as nothing else takes it. */
const ORDER_LOCK = 7_420_002;
const LOCK_ORDER = `SELECT pg_advisory_xact_lock(${ORDER_LOCK})`;

const ticksOf = (row: string): string => `coalesce((${row}.payload #>> '{extras,bar,n}')::int8, 0)`;

// As json, not jsonb: nobody looks into it here, and what is not taken apart comes out byte for byte.
const INSERT = `
  INSERT INTO analyses AS a (symbol, timeframe, ts, settled, payload)
  SELECT t.symbol, t.timeframe, to_timestamp(t.start / 1000), t.settled, t.payload
  FROM unnest($1::text[], $2::text[], $3::float8[], $4::boolean[], $5::json[]) AS t(symbol, timeframe, start, settled, payload)
  ON CONFLICT (symbol, timeframe, ts) DO UPDATE
    SET settled = excluded.settled, payload = excluded.payload, revision = a.revision + 1,
      published = a.published AND a.payload::text = excluded.payload::text
    WHERE NOT a.settled AND (excluded.settled OR ${ticksOf('excluded')} >= ${ticksOf('a')})`;

// Not a lock: that would hold a connection, which the embedded database has one of, for as long as the record log takes.
const TAKE_TURN = `
  INSERT INTO leases AS l (name, turn, until)
  SELECT 'analyses', 1, now() + interval '1 minute' WHERE EXISTS (SELECT FROM analyses WHERE NOT published)
  ON CONFLICT (name) DO UPDATE SET turn = l.turn + 1, until = excluded.until WHERE l.until <= now()
  RETURNING turn`;
const END_TURN = "UPDATE leases SET until = '-infinity' WHERE name = 'analyses' AND turn = $1";
// What changed meanwhile has another revision, and stays to be published.
const MARK = `
  UPDATE analyses SET published = true FROM unnest($1::bigint[], $2::int4[]) AS t(number, revision)
  WHERE analyses.number = t.number AND analyses.revision = t.revision AND NOT published`;

/** Opens the store, its schema brought up to date. Rejects with `database.*`. */
export async function openAnalyses(database: Database): Promise<Analyses> {
  await migrate(database);
  return {
    async insert(query, analyses) {
      // One statement may not touch a row twice: of the same bar the last one counts.
      const last = new Map(analyses.map((each) => [`${each.symbol} ${each.timeframe} ${each.start}`, each]));
      if (last.size === 0) return;
      const rows = [...last.values()];
      await query(LOCK_ORDER);
      await query(INSERT, [
        rows.map(({ symbol }) => symbol),
        rows.map(({ timeframe }) => timeframe),
        rows.map(({ start }) => start),
        rows.map(({ settled }) => settled),
        rows.map(({ payload }) => JSON.stringify(payload)),
      ]);
    },
    async newest(symbol, timeframe, limit) {
      const rows = await database.query<{ payload: UnifiedAnalysis }>(
        'SELECT payload FROM analyses WHERE symbol = $1 AND timeframe = $2 ORDER BY ts DESC LIMIT $3',
        [symbol, timeframe, limit],
      );
      return rows.map(({ payload }) => payload);
    },
    async publish(max, publish) {
      const [taken] = await database.query<{ turn: string }>(TAKE_TURN);
      if (taken === undefined) return 0;
      try {
        const rows = await database.query<{
          number: string;
          revision: number;
          symbol: string;
          timeframe: string;
          text: string;
        }>(
          `SELECT number, revision, symbol, timeframe, payload::text AS text FROM analyses
           WHERE NOT published ORDER BY number LIMIT $1`,
          [max],
        );
        if (rows.length > 0) await publish(rows);
        await database.transaction(async (query) => {
          await query(LOCK_ORDER);
          await query(MARK, [rows.map(({ number }) => number), rows.map(({ revision }) => revision)]);
          await query(END_TURN, [taken.turn]);
        });
        return rows.length;
      } catch (error) {
        // Should that fail as well, the turn ends by itself.
        await database.query(END_TURN, [taken.turn]).catch(() => undefined);
        throw error;
      }
    },
    charts: () => database.query('SELECT DISTINCT symbol, timeframe FROM analyses ORDER BY symbol, timeframe'),
    async unpublished() {
      const [row] = await database.query<{ n: number }>('SELECT count(*)::int4 AS n FROM analyses WHERE NOT published');
      return row!.n;
    },
    async dropOlder(limit) {
      const [row] = await database.query<{ n: number }>(
        `WITH gone AS (DELETE FROM analyses WHERE published AND ts < to_timestamp($1::float8 / 1000)
           AND written_at < to_timestamp($1::float8 / 1000) RETURNING 1)
         SELECT count(*)::int4 AS n FROM gone`,
        [limit],
      );
      return row!.n;
    },
  };
}
