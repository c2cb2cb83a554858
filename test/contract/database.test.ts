import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { postgresDatabase } from '../../src/adapters/database/postgres.ts';
import type { Database } from '../../src/ports/database.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import type { Adapter } from './adapter.ts';
import { runContract } from './contract.ts';
import { databaseContract } from './database.contract.ts';

const clock = systemClock();

/** One after the other: as the others' `handles`, but opened asynchronously. */
async function opened(open: () => Promise<Database>, clear: () => Promise<void>, faults = {}) {
  let subject = await open();
  return {
    subject,
    another: open,
    restart: async () => {
      await subject.close();
      subject = await open();
      return subject;
    },
    faults,
    dispose: async () => {
      await subject.close();
      await clear();
    },
  };
}

const pglite: Adapter<Database> = {
  available: async () => null,
  open: async () => {
    const path = await mkdtemp(join(tmpdir(), 'pulse-pglite-'));
    return opened(
      () => pgliteDatabase({ path: join(path, 'database'), clock }),
      () => rm(path, { recursive: true }),
    );
  },
};

let server: Promise<PostgresServer> | null = null;
afterAll(async () => (await server)?.dispose());

const postgres: Adapter<Database> = {
  available: postgresAvailable,
  open: async () => {
    server ??= startPostgres();
    const { dsn, stop, start } = await server;
    return opened(
      () => postgresDatabase({ dsn, clock }),
      async () => undefined,
      { 'server stop': stop, 'server start': start },
    );
  },
};

runContract(
  databaseContract,
  { pglite, postgres },
  {
    waive: {
      'pglite: rejects with a retry while the server is away, and works again when it is back': {
        reason: 'it lives in the process that uses it: there is no server to stop',
        fails: 'the adapter offers no fault "server stop"',
      },
      'postgres: refuses a second opener of the same folder, by name of the process that holds it': {
        reason: 'a server is there to be shared',
        fails: 'instead of rejecting',
      },
    },
  },
);
