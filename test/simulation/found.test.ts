import { expect, test } from 'vitest';
import type { Fault } from './fault-kinds.ts';
import { runSeed } from './run.ts';

const fault = (kind: Fault['kind'], at: number, lasts: number, to: string): Fault => ({ kind, at, lasts, to, size: 0 });

/** Where only the whole shows a fault: the least of a plan that found it. Other code makes other runs of it, in which it may not show. */
test.each([
  {
    what: 'a gap that stands behind one whose end is told when the lease is lost',
    seed: 59_211,
    faults: [fault('connection lost', 25_278, 6_348, 'standby'), fault('redis away', 25_916, 2_396, 'standby')],
  },
])('$what loses nothing', { timeout: 60_000 }, async ({ seed, faults }) => {
  expect((await runSeed(seed, { faults })).complaints).toEqual([]);
});
