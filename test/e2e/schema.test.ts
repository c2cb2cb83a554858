import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { pgliteDatabase } from '../../src/adapters/database/pglite.ts';
import { postgresDatabase } from '../../src/adapters/database/postgres.ts';
import { migrate } from '../../src/stores/migrations.ts';
import { describeWith } from '../support/needs.ts';
import { postgresAvailable, startPostgres } from '../support/postgres-server.ts';
import { schemaDump } from '../support/schema-dump.ts';

const clock = systemClock();
/** Written by `npm test -- test/e2e/schema.test.ts -u`; read the difference before you commit it. */
const DUMP = '../../docs/schema.sql';

test('the embedded database has the schema of docs/schema.sql', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pulse-schema-'));
  const database = await pgliteDatabase({ path: join(folder, 'database'), clock });
  onTestFinished(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });
  await migrate(database);
  await expect(await schemaDump(database)).toMatchFileSnapshot(DUMP);
});

await describeWith('on Postgres', { engines: [postgresAvailable] }, () => {
  test('two that migrate at once make the schema of docs/schema.sql, once', async () => {
    const server = await startPostgres();
    const databases = await Promise.all([0, 1].map(() => postgresDatabase({ dsn: server.dsn, clock })));
    onTestFinished(async () => {
      await Promise.all(databases.map((database) => database.close()));
      await server.dispose();
    });
    await Promise.all(databases.map((database) => migrate(database)));
    await expect(await schemaDump(databases[0]!)).toMatchFileSnapshot(DUMP);
  });
});
