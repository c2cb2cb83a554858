import type { Fault } from './fault-kinds.ts';
import type { Complaint } from './oracle/evidence.ts';
import { type Outcome, type RunOptions, runSeed } from './run.ts';

/** The most runs that are spent on one failure. */
const MOST_RUNS = 120;

/**
 * The fewest faults found with which a seed still fails in the same way: halves are left out first, then ever smaller parts. `outcome` is
 * the run that failed.
 */
export async function shrink(outcome: Outcome, options: RunOptions = {}): Promise<Outcome> {
  const kind = outcome.complaints[0]!.kind;
  let best = outcome;
  let runs = 0;
  for (let size = Math.ceil(best.faults.length / 2); size >= 1; ) {
    let smaller: Outcome | null = null;
    for (let at = 0; at < best.faults.length && runs < MOST_RUNS; at += size) {
      runs += 1;
      const faults: Fault[] = best.faults.filter((_, i) => i < at || i >= at + size);
      const again = await runSeed(outcome.seed, { ...options, faults });
      if (!fails(again.complaints, kind)) continue;
      smaller = again;
      break;
    }
    if (smaller !== null) {
      best = smaller;
      size = Math.max(1, Math.min(size, Math.ceil(best.faults.length / 2)));
    } else if (size === 1) break;
    else size = Math.ceil(size / 2);
  }
  return best;
}

const fails = (complaints: readonly Complaint[], kind: Complaint['kind']): boolean =>
  complaints.some((complaint) => complaint.kind === kind);
