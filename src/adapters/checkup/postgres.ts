import { Client } from 'pg';
import { type Finding, skewFinding } from '../../domain/event/checkup-finding.ts';
import type { Clock } from '../../ports/clock.ts';

export interface PostgresCheckup {
  readonly dsn: string;
  /** How the server is named in findings: its DSN without the password. */
  readonly at: string;
  readonly clock: Clock;
}

/** Looks at a Postgres server as Pulse uses it. */
export async function postgresCheckup({ dsn, at, clock }: PostgresCheckup): Promise<Finding[]> {
  const client = new Client({ connectionString: dsn, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  // Every failure also rejects the call under way, which is where it is reported.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const before = clock.now();
    const { rows } = await client.query<{ version: string; now: Date; writable: boolean }>(
      "select current_setting('server_version') as version, clock_timestamp() as now, has_schema_privilege(current_schema(), 'CREATE') and not pg_is_in_recovery() as writable",
    );
    const after = clock.now();
    const { version, now, writable } = rows[0]!;
    const old = Number.parseInt(version, 10) < 14;
    return [
      {
        check: 'postgres.version',
        status: old ? 'warn' : 'ok',
        found: `Postgres ${version} at ${at}`,
        ...(old && { meaning: 'Pulse is tested with 14 and later', remedy: 'update Postgres' }),
      },
      writable
        ? { check: 'postgres.rights', status: 'ok', found: 'tables can be made' }
        : {
            check: 'postgres.rights',
            status: 'fail',
            found: 'this user can make no tables, or the server is a standby',
            meaning: 'the parity ledger cannot be kept',
            remedy: 'grant CREATE on the schema to the user of PG_DSN, or name the primary',
          },
      skewFinding(
        'postgres.clock',
        'the clock of Postgres',
        now.getTime() - (before + after) / 2,
        (after - before) / 2,
      ),
    ];
  } catch (error) {
    const reasons =
      error instanceof AggregateError
        ? error.errors.map((each: Error) => each.message).join(', ')
        : (error as Error).message;
    return [
      {
        check: 'postgres.reachable',
        status: 'fail',
        found: `${at} does not answer: ${reasons}`,
        meaning: 'the parity ledger cannot be read or written',
        remedy: 'start Postgres, or correct PG_DSN (host, port, user, password, sslmode)',
      },
    ];
  } finally {
    await client.end().catch(() => undefined);
  }
}
