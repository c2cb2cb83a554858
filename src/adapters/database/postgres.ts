import pg from 'pg';
import { PulseError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Query, Row } from '../../ports/database.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly dsn: string;
  readonly clock: Clock;
}

const CONNECTIONS = 4;
const CONNECT_MS = 5_000;

/** A Postgres server. Connects with the first query, and again after a loss. */
export async function postgresDatabase({ dsn }: PostgresOptions): Promise<Database> {
  const at = addressOf(dsn);
  const pool = new pg.Pool({
    connectionString: dsn,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'pulse',
  });
  // A connection that is lost while nobody uses it: the pool makes another for the next query, which tells if it cannot.
  pool.on('error', () => undefined);
  const run = async <R extends Row>(
    client: pg.Pool | pg.PoolClient,
    sql: string,
    params: readonly unknown[],
  ): Promise<R[]> => {
    try {
      return (await client.query<R>(sql, [...params])).rows;
    } catch (error) {
      throw databaseError(error, at);
    }
  };
  const query: Query = (sql, params = []) => run(pool, sql, params);
  return {
    query,
    async transaction(work) {
      const client = await pool.connect().catch((error: unknown) => {
        throw databaseError(error, at);
      });
      // A connection that breaks in the middle is told by the query that it breaks.
      client.on('error', () => undefined);
      let broken = false;
      const inside: Query = (sql, params = []) => run(client, sql, params);
      try {
        await inside('BEGIN');
        const result = await work(inside);
        await inside('COMMIT');
        return result;
      } catch (error) {
        await inside('ROLLBACK').catch(() => {
          // Nothing to roll back where the connection is gone: the server does so by itself.
          broken = true;
        });
        throw error;
      } finally {
        client.removeAllListeners('error');
        client.release(broken);
      }
    },
    // Without parameters the server takes several statements at once.
    script: async (sql) => {
      try {
        await pool.query(sql);
      } catch (error) {
        throw databaseError(error, at);
      }
    },
    ping: async () => void (await query('SELECT 1')),
    close: () => pool.end(),
  };
}

/** Host, port and database: what may be shown. */
function addressOf(dsn: string): string {
  const { host, pathname } = new URL(dsn);
  return `${host}${pathname}`;
}

/** SQLSTATE classes: 28 is a refused login, 3D an unknown database, 08 and 57P a connection that ended. */
function databaseError(error: unknown, at: string): PulseError {
  const { code, message } = error as { code?: string; message: string };
  const sqlstate = code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : null;
  if (sqlstate !== null && /^(28|3D)/.test(sqlstate))
    return new PulseError('database.refused', { at, sqlstate, reason: message }, { cause: error });
  if (sqlstate === null || /^(08|57P|53300)/.test(sqlstate))
    return new PulseError('database.unavailable', { at, reason: message }, { cause: error });
  return new PulseError('database.query', { sqlstate, reason: message }, { cause: error });
}
