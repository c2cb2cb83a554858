import pg from 'pg';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Query } from '../../ports/database.ts';
import { databaseError, untilClear } from './database-error.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly dsn: string;
  readonly clock: Clock;
  /** How long a statement may take before its connection counts as lost. Default 60 s. */
  readonly timeoutMs?: number;
}

const CONNECTIONS = 4;
const IDLE_IN_TRANSACTION_MS = 30_000;
const CONNECT_MS = 5_000;
const STATEMENT_MS = 60_000;
const KEEP_ALIVE_MS = 10_000;

/** A Postgres server. Connects with the first query, and again after a loss. */
export async function postgresDatabase({ dsn, clock, timeoutMs = STATEMENT_MS }: PostgresOptions): Promise<Database> {
  const at = addressOf(dsn);
  const pool = new pg.Pool({
    connectionString: dsn,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    // A worker that is stopped inside a transaction must not hold up the others for ever.
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'pulse',
  });
  // A connection that is lost while nobody uses it: the pool makes another for the next query, which tells if it cannot.
  pool.on('error', () => undefined);
  const told = (error: unknown): never => {
    throw databaseError(failureOf(error), at);
  };
  /** Cuts each connection that is in use. */
  const cuts = new Set<(reason: string) => void>();

  /** Runs `work` on a connection of its own, which is cut where it broke or fell silent. */
  async function onConnection<T>(work: (query: Query, broke: () => void) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch(told);
    const lost = Promise.withResolvers<never>();
    let broken = false;
    const broke = (): void => {
      broken = true;
    };
    const cut = (reason: string): void => {
      broke();
      lost.reject(new PulseError('database.unavailable', { at, reason }));
    };
    const query: Query = async (sql, params = []) => {
      const answered = new AbortController();
      // detached: `sleep` never rejects
      void clock.sleep(timeoutMs, answered.signal).then(() => {
        if (!answered.signal.aborted) cut(`no answer within ${timeoutMs} ms`);
      });
      try {
        return (await client.query(sql, [...params])).rows;
      } catch (error) {
        return told(error);
      } finally {
        answered.abort();
      }
    };
    cuts.add(cut);
    client.on('error', broke);
    try {
      return await Promise.race([work(query, broke), lost.promise]);
    } finally {
      cuts.delete(cut);
      client.removeListener('error', broke);
      // One that is cut may still say something.
      if (broken) client.on('error', () => undefined);
      client.release(broken);
    }
  }

  const transactionOf = <T>(work: (query: Query) => Promise<T>): Promise<T> =>
    onConnection(async (query, broke) => {
      try {
        await query('BEGIN');
        const result = await work(query);
        await query('COMMIT');
        return result;
      } catch (error) {
        // Nothing to roll back where the connection is gone: the server does so by itself.
        await query('ROLLBACK').catch(broke);
        throw error;
      }
    });

  const query: Query = (sql, params) =>
    onConnection(async (ask, broke) => {
      try {
        return await ask(sql, params);
      } catch (error) {
        broke();
        throw error;
      }
    });
  return {
    query,
    transaction: (work) => untilClear(() => transactionOf(work)),
    // Without parameters the server takes several statements at once. They change tables, for as long as that takes.
    script: async (sql) => void (await pool.query(sql).catch(told)),
    ping: async () => void (await query('SELECT 1')),
    async close() {
      for (const cut of cuts) cut('the connection was closed');
      await pool.end();
    },
  };
}

/** Host, port and database: what may be shown. */
function addressOf(dsn: string): string {
  const { host, pathname } = new URL(dsn);
  return `${host}${pathname}`;
}

/** The code of an error is a SQLSTATE where the server sent it, and else one of the system's. */
function failureOf(error: unknown): Error & { sqlstate: string | null } {
  const { code = '' } = error as { code?: string };
  return Object.assign(error as Error, { sqlstate: /^[0-9A-Z]{5}$/.test(code) ? code : null });
}
