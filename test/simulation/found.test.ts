import { expect, test } from 'vitest';
import type { Fault } from './fault-kinds.ts';
import { runSeed } from './run.ts';

const fault = (kind: Fault['kind'], at: number, lasts: number, to: string, size = 0): Fault => ({
  kind,
  at,
  lasts,
  to,
  size,
});

/** Where only the whole shows a fault: the least of a plan that found it. Other code makes other runs of it, in which it may not show. */
test.each([
  {
    what: 'a gap that stands behind one whose end is told when the lease is lost',
    seed: 59_211,
    faults: [fault('connection lost', 25_278, 6_348, 'standby'), fault('redis away', 25_916, 2_396, 'standby')],
  },
  {
    what: 'an open gap between ticks that cannot be used',
    seed: 53_115,
    faults: [fault('receipt lag', 42_835, 8_790, 'mirror', 4_638), fault('slow subscriber', 54_421, 827, 'bars', 24)],
  },
])('$what loses nothing', { timeout: 60_000 }, async ({ seed, faults }) => {
  expect((await runSeed(seed, { faults })).complaints).toEqual([]);
});
