import { PulseError } from '../domain/errors/errors.ts';
import type { Database } from '../ports/database.ts';
import { documentVectorsMigration } from './migrations/document-vectors.ts';
import { documentsMigration } from './migrations/documents.ts';
import { enrichmentMigration } from './migrations/enrichment.ts';
import { guidanceMigration } from './migrations/guidance.ts';
import type { Migration } from './migrations/migration.ts';
import { parityMigration } from './migrations/parity.ts';

/** Any number will do, as long as nothing else takes it. */
const LOCK = 7_420_001;

const migrations: readonly Migration[] = [
  parityMigration,
  enrichmentMigration,
  documentsMigration,
  documentVectorsMigration,
  guidanceMigration,
];

/** Brings the schema up to date; two that start at once do it once. Rejects with `database.newer` where a later version of Pulse was there before. */
export async function migrate(database: Database, known: readonly Migration[] = migrations): Promise<void> {
  await database.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await query(`CREATE TABLE IF NOT EXISTS pulse_migrations (
      number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const applied = await query<{ number: number; name: string }>('SELECT number, name FROM pulse_migrations');
    const newer = applied.find(({ number }) => !known.some((migration) => migration.number === number));
    if (newer !== undefined)
      throw new PulseError('database.newer', { number: newer.number, name: newer.name, newest: known.at(-1)?.number });
    for (const { number, name, statements } of known) {
      if (applied.some((each) => each.number === number)) continue;
      for (const statement of statements) await query(statement);
      await query('INSERT INTO pulse_migrations (number, name) VALUES ($1, $2)', [number, name]);
    }
  });
}
