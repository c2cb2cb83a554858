import { canaries } from './canaries.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Complaint } from './oracle/evidence.ts';
import { runSeed } from './run.ts';

/** A seed that failed. */
export interface FailedSeed {
  readonly seed: number;
  readonly complaints: readonly Complaint[];
}

/** What came of many seeds. */
export interface Tally {
  seeds: number;
  ticks: number;
  /** Completions released. */
  released: number;
  readonly failed: FailedSeed[];
  readonly fired: Map<FaultKind, number>;
}

export interface BatchOptions {
  readonly from: number;
  readonly count: number;
  /** Name of a canary that is let in. */
  readonly canary: string | null;
  /** Ends after the first seed that fails. */
  readonly untilFirst: boolean;
}

/** Seeds that run side by side in one thread: while one waits for the event loop to turn, the others go on. */
const SIDE_BY_SIDE = 12;

export const emptyTally = (): Tally => ({ seeds: 0, ticks: 0, released: 0, failed: [], fired: new Map() });

/** Runs the seeds `from`, `from + 1`, … in this thread. */
export async function runBatch(
  { from, count, canary, untilFirst }: BatchOptions,
  onSeed: (tally: Tally) => void = () => undefined,
): Promise<Tally> {
  const tally = emptyTally();
  const wiring = canary === null ? {} : canaries[canary]!.wiring;
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < from + count && !(untilFirst && tally.failed.length > 0)) {
      const seed = next;
      next += 1;
      const outcome = await runSeed(seed, { wiring });
      tally.seeds += 1;
      tally.ticks += outcome.ticks;
      tally.released += outcome.released;
      if (outcome.complaints.length > 0) tally.failed.push({ seed, complaints: outcome.complaints });
      for (const [kind, n] of outcome.fired) tally.fired.set(kind, (tally.fired.get(kind) ?? 0) + n);
      onSeed(tally);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
  tally.failed.sort((a, b) => a.seed - b.seed);
  return tally;
}
