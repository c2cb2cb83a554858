import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { postgresDatabase } from '../../src/adapters/database/postgres.ts';
import type { Database } from '../../src/ports/database.ts';
import { describeWith } from './needs.ts';
import { postgresAvailable, startPostgres } from './postgres-server.ts';

/** Opens a database that nobody else sees. */
export type OpenDatabase = () => Promise<{ readonly database: Database; close(): Promise<void> }>;

const clock = systemClock();

/** A suite of a store, on the embedded database and on Postgres. */
export async function onBothDatabases(suite: (open: OpenDatabase) => void): Promise<void> {
  describe('on the embedded database', () => suite(openEmbedded));
  await describeWith('on Postgres', { engines: [postgresAvailable] }, () => suite(openPostgres));
}

const openEmbedded: OpenDatabase = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-store-'));
  const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  return {
    database,
    async close() {
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
};

const openPostgres: OpenDatabase = async () => {
  const server = await startPostgres();
  const database = await postgresDatabase({ dsn: server.dsn, clock });
  return {
    database,
    async close() {
      await database.close();
      await server.dispose();
    },
  };
};
