import type { Complaint, Evidence } from './evidence.ts';
import { excused, type Gap, stranger } from './gaps.ts';

/** What is older by so much is older for sure, by any clock. Milliseconds. */
const OLDER_MS = 6_000;

/**
 * Gaps of runs that have ended that stand open though nothing is missing in them. Only where the streams held everything and no two payloads were equal: else a gap
 * may have to stay open because nobody can tell.
 */
export function leftOpen(gaps: readonly Gap[], missing: Evidence['published'], evidence: Evidence): Complaint[] {
  if (!evidence.fillable) return [];
  const living = new Set(evidence.processes.map((process) => process.instance));
  // Whoever began without knowing of any moment before, since a server forgot what the holder before it had told, cannot tell either.
  const blind = new Set(gaps.filter(({ from }) => from === null).map(({ instance }) => instance));
  // A stream in which nothing stands that is surely older than the gap tells nothing of what it may have held.
  const first = Math.min(...evidence.published.map(({ at }) => at));
  return gaps
    .filter(({ reason }) => reason !== 'takeover' || !evidence.truncated)
    .filter(({ from }) => from !== null && from >= first + OLDER_MS + evidence.skewMs)
    .filter(({ status, from, instance }) => status === 'open' && from !== null && !living.has(instance))
    .filter(({ settledBy }) => settledBy === undefined || !blind.has(settledBy))
    .filter((gap) => !missing.some((tick) => excused(tick, [gap], stranger, evidence)))
    .map(({ id, reason }) => ({
      kind: 'gap left open',
      text: `gap ${id} (${reason}) is open at the end, and nothing is missing in it`,
    }));
}
