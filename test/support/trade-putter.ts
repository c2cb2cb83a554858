import { writeSync } from 'node:fs';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { lmdbTradeStore } from '../../src/adapters/trade-store/lmdb.ts';

/** A process that stores trades in a folder until it is killed: <folder> <prefix of ids>. Prints the id of each once it is stored. */
const [path, prefix] = process.argv.slice(2) as [string, string];
const store = lmdbTradeStore({ path, clock: systemClock() });
let next = 0;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (;;) {
      next += 1;
      const id = `${prefix}-${next}`;
      await store.put({ id, payload: `{"id":"${id}"}`, at: next, by: 'desk', idempotency: null });
      // Straight to the pipe: what is printed has happened.
      writeSync(1, `${id}\n`);
    }
  }),
);
