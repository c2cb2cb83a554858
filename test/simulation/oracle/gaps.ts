import type { Complaint, Evidence, Published } from './evidence.ts';
import { eventTime } from './tick.ts';

/** A gap as its newest record says. */
export interface Gap {
  readonly id: string;
  readonly reason: string;
  readonly from: number | null;
  readonly to: number;
  readonly status: string;
  readonly instance: string;
  /** Whether symbols that it does not name may lack ticks, too. */
  readonly unseen?: boolean;
  /** The instance that settled it, where another one told of it. */
  readonly settledBy?: string;
  readonly symbols: { readonly [symbol: string]: { readonly after: number | null; readonly before: number | null } };
}

/** The newest record of each gap, in which the last one counts. */
function newest(texts: readonly string[]): Gap[] {
  const gaps = new Map<string, Gap>();
  for (const text of texts) {
    const gap = JSON.parse(text) as Gap;
    gaps.set(gap.id, gap);
  }
  return [...gaps.values()];
}

export const mirrorGaps = ({ records }: Evidence): Gap[] =>
  newest(records.filter(({ topic }) => topic === 'mirror.gaps').map(({ value }) => value));

export const incumbentGaps = ({ entries }: Evidence): Gap[] =>
  newest(entries.filter(({ stream }) => stream === 'stream:bar:gaps').map(({ fields }) => fields.get('j') ?? ''));

/** What is known of a symbol's records, for gaps that do not name it. */
export interface Acquaintance {
  /** When the first of its ticks was received, by the clock of who received it (epoch milliseconds); null where none ever was. */
  readonly since: number | null;
}

/** Whoever never had a tick of a symbol. */
export const stranger: Acquaintance = { since: null };

/**
 * Whether a tick may be missing: it lies in an open gap, by when it was published and by the ticks of its symbol between which the gap
 * lies. A gap that does not name a symbol excuses it only where the symbol was first met after it. One that is closed excuses nothing.
 */
export function excused(tick: Published, gaps: readonly Gap[], { since }: Acquaintance, evidence: Evidence): boolean {
  const { marginMs, jitterMs, skewMs } = evidence;
  const ts = eventTime(tick.payload) ?? tick.at;
  const near = jitterMs + skewMs;
  return gaps.some(({ status, from, to, symbols, unseen = true }) => {
    if (status !== 'open') return false;
    if ((from !== null && tick.at < from - marginMs) || tick.at > to + marginMs) return false;
    const bounds = symbols[tick.symbol];
    if (bounds === undefined) return unseen && (since === null || since >= to);
    const { after, before } = bounds;
    return (after === null || ts >= after - near) && (before === null || ts <= before + near);
  });
}

/** Gaps whose reason is none that happened. */
export function implausible(gaps: readonly Gap[], evidence: Evidence): Complaint[] {
  // Whoever takes over tells of the end of the one before.
  const crashed = evidence.processes.some(({ endings }) =>
    endings.some(({ how }) => how === 'killed' || how === 'failed'),
  );
  const pair = evidence.processes.some(({ name }) => name === 'standby');
  const happened = ({ instance, reason }: Gap): boolean => {
    const process = instance.slice(0, instance.lastIndexOf('-'));
    const cuts = evidence.cuts.filter((cut) => cut.process === process);
    if (reason === 'overflow' || reason === 'disconnect') return cuts.some((cut) => cut.reason === reason);
    if (reason === 'full') return evidence.fullDisks.has(process) || evidence.tight;
    if (reason === 'takeover') return pair || crashed;
    // An orderly end that could not be noted is none to the next run.
    return reason !== 'crash' || crashed || evidence.unnoted.has(process);
  };
  return gaps
    .filter((gap) => !happened(gap))
    .map(({ id, reason }) => ({ kind: 'reason of gap', text: `gap ${id} says ${reason}, but that did not happen` }));
}
