// Runs PGlite: in a thread of its own, because it holds up whatever thread it runs in.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { PgliteAnswer, PgliteCall } from './pglite-calls.ts';
import { restoreCompilers, spareCompilers } from './wasm-compilers.ts';

const INT8 = 20;
const NUMERIC = 1700;
const asText = (value: string): string => value;

const port = parentPort!;
spareCompilers();
const opened = PGlite.create(workerData.path as string, {
  // What a double cannot hold comes as text, as it does from `pg`.
  parsers: { [INT8]: asText, [NUMERIC]: asText },
  // The default of 128 MB is for a server; what is not in it is still in the page cache. Not by `postgresqlconf`: that replaces the file.
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
});
opened.then(restoreCompilers, restoreCompilers);
opened.then(
  () => port.postMessage({ id: 0, rows: [] } satisfies PgliteAnswer),
  (error: unknown) => port.postMessage({ id: 0, ...failure(error) } satisfies PgliteAnswer),
);

// detached: a failure is the answer
port.on('message', async (call: PgliteCall) => {
  try {
    port.postMessage({ id: call.id, rows: await answer(await opened, call) } satisfies PgliteAnswer);
  } catch (error) {
    port.postMessage({ id: call.id, ...failure(error) } satisfies PgliteAnswer);
  }
  if (call.kind === 'close') port.close();
});

async function answer(db: PGlite, call: PgliteCall): Promise<Record<string, unknown>[]> {
  if (call.kind === 'query') return (await db.query<Record<string, unknown>>(call.sql, [...call.params])).rows;
  if (call.kind === 'script') await db.exec(call.sql);
  else await db.close();
  return [];
}

function failure(error: unknown): { failed: string; sqlstate: string | null } {
  const { message = String(error), code } = error as { message?: string; code?: string };
  return { failed: message, sqlstate: typeof code === 'string' && code.length === 5 ? code : null };
}
