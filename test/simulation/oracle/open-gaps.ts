import type { Complaint, Evidence } from './evidence.ts';
import { excused, type Gap, stranger } from './gaps.ts';

/**
 * Gaps of runs that have ended that stand open though nothing is missing in them. Only where the streams held everything and no two payloads were equal: else a gap
 * may have to stay open because nobody can tell.
 */
export function leftOpen(gaps: readonly Gap[], missing: Evidence['published'], evidence: Evidence): Complaint[] {
  if (!evidence.fillable) return [];
  const living = new Set(evidence.processes.map((process) => process.instance));
  // Whoever began without knowing of any moment before, since a server forgot what the holder before it had told, cannot tell either.
  const blind = new Set(gaps.filter(({ from }) => from === null).map(({ instance }) => instance));
  return gaps
    .filter(({ status, from, instance }) => status === 'open' && from !== null && !living.has(instance))
    .filter(({ settledBy }) => settledBy === undefined || !blind.has(settledBy))
    .filter((gap) => !missing.some((tick) => excused(tick, [gap], stranger, evidence)))
    .map(({ id, reason }) => ({
      kind: 'gap left open',
      text: `gap ${id} (${reason}) is open at the end, and nothing is missing in it`,
    }));
}
