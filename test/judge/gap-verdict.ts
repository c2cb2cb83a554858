import type { Evidence, Fault, Happening } from './evidence.ts';
import { type Gap, newestGaps } from './gap-records.ts';

/** How long before or after its cause a gap may begin or end. */
const NEAR_MS = 1_500;
/** What a process may take from its start until it has subscribed: what nobody received lasts until then, and its gap may begin in it. */
const STARTS_MS = 15_000;
const LONGEST_STOP_MS = 10_500;

/** Whether each gap names what happened, and whether those that were asked to end did so in order. */
export function judgeGaps(evidence: Evidence): Fault[] {
  const faults: Fault[] = [];
  for (const gap of newestGaps(evidence.gaps)) {
    const wrong = wrongReason(gap, evidence);
    if (wrong !== null)
      faults.push({ kind: 'gap reason', where: gap.id, text: `${gap.reason} ${span(gap)}: ${wrong}`, count: 1 });
  }
  for (const { name, code, signal, printed } of evidence.ends)
    faults.push({
      kind: 'ended by itself',
      where: name,
      text: `exit ${code ?? signal}: ${printed.trim().split('\n').at(-1)?.slice(0, 600)}`,
      count: 1,
    });
  // Before it has come up a signal ends a process as it ends any.
  for (const { name, code, tookMs, wasUp } of evidence.askedEnds)
    if ((code !== 0 && (code !== null || wasUp)) || tookMs > LONGEST_STOP_MS)
      faults.push({ kind: 'SIGTERM', where: name, text: `exit ${code} after ${Math.round(tookMs)} ms`, count: 1 });
  return faults;
}

function wrongReason(gap: Gap, { happenings, cutOffs, ends }: Evidence): string | null {
  const during = (...kinds: readonly string[]): Happening[] =>
    happenings.filter(
      ({ kind, from, to }) =>
        kinds.includes(kind) && from <= gap.to + NEAR_MS && (gap.from === null || over(kind, to) >= gap.from - NEAR_MS),
    );
  switch (gap.reason) {
    case 'start':
      return gap.from === null || during('term', 'begin').length > 0
        ? null
        : 'no mirror was started after an orderly end';
    case 'crash':
      return during('kill').length > 0 || ends.length > 0 ? null : 'no mirror was killed';
    case 'disconnect':
      return during('redis-away', 'redis-drop').length > 0 ? null : 'Redis was there and cut nobody off';
    case 'overflow':
      return cutOffs > 0 ? null : 'Redis cut nobody off';
    case 'takeover':
      // A holder whose append was not answered takes over from itself: that happens with almost every fault.
      return null;
    case 'full':
      // Only the mirror knows how much its disk took.
      return null;
    default:
      return 'no such reason is known';
  }
}

/** When all was as before again, at the latest. */
const over = (kind: string, to: number): number => (['kill', 'term'].includes(kind) ? to + STARTS_MS : to);
const span = ({ from, to }: Gap): string => `${from === null ? 'ever' : iso(from)} to ${iso(to)}`;
const iso = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
