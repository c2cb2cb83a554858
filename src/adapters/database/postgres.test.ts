import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../../test/support/postgres-server.ts';
import { type SilentServer, startSilentServer } from '../../../test/support/silent-server.ts';
import type { Database } from '../../ports/database.ts';
import { systemClock } from '../clock/system.ts';
import { postgresDatabase } from './postgres.ts';

await describeWith('a Postgres that falls silent', { engines: [postgresAvailable] }, () => {
  let server: PostgresServer;
  let way: SilentServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.dispose());
  beforeEach(async () => {
    const { port } = new URL(server.dsn);
    way = await startSilentServer(Number(port));
    const dsn = server.dsn.replace(`:${port}/`, `:${way.port}/`);
    database = await postgresDatabase({ dsn, clock: systemClock(), timeoutMs: 500 });
    await database.ping();
    return async () => {
      await database.close();
      await way.dispose();
    };
  });
  const silent = { code: 'database.unavailable', message: expect.stringContaining('no answer within 500 ms') };

  test('is given up, and the next statement goes over a connection of its own', async () => {
    way.silence();
    await expect(database.query('SELECT 1')).rejects.toMatchObject(silent);
    expect(await database.query('SELECT 2::int4 AS two')).toEqual([{ two: 2 }]);
  });

  test('is given up in the middle of a transaction, which can be done again', async () => {
    const once = (fallSilent: boolean) =>
      database.transaction(async (query) => {
        if (fallSilent) way.silence();
        return query('SELECT 2::int4 AS two');
      });
    await expect(once(true)).rejects.toMatchObject(silent);
    expect(await once(false)).toEqual([{ two: 2 }]);
  });

  test('does not hold up the end: what waits for it is told so', async () => {
    const patient = await postgresDatabase({
      dsn: server.dsn.replace(new URL(server.dsn).port, String(way.port)),
      clock: systemClock(),
    });
    await patient.ping();
    way.silence();
    const waits = expect(patient.query('SELECT 1')).rejects.toMatchObject({ code: 'database.unavailable' });
    // Until it has its connection.
    await new Promise((resolve) => setImmediate(resolve));
    await patient.close();
    await waits;
  });
});
