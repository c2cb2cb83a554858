import type { Complaint, Evidence, Published } from './evidence.ts';
import { readTick } from './tick.ts';

/** A gap as its newest record says. */
export interface Gap {
  readonly id: string;
  readonly reason: string;
  readonly from: number | null;
  readonly to: number;
  readonly status: string;
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

/**
 * Whether a tick may be missing: it lies in an open gap, by when it was published and by the ticks of its symbol between which the gap
 * lies. A gap that names no tick of a symbol excuses it only where the symbol was never seen. One that is closed excuses nothing.
 */
export function excused(
  tick: Published,
  gaps: readonly Gap[],
  everSeen: boolean,
  { marginMs, jitterMs }: Pick<Evidence, 'marginMs' | 'jitterMs'>,
): boolean {
  const ts = readTick(tick.payload)?.ts ?? tick.at;
  return gaps.some(({ status, from, to, symbols }) => {
    if (status !== 'open') return false;
    if ((from !== null && tick.at < from - marginMs) || tick.at > to + marginMs) return false;
    const bounds = symbols[tick.symbol];
    if (bounds === undefined) return !everSeen;
    const { after, before } = bounds;
    return (after === null || ts >= after - jitterMs) && (before === null || ts <= before + jitterMs);
  });
}

/** Gaps whose reason is none that happened. */
export function implausible(gaps: readonly Gap[], process: string, evidence: Evidence): Complaint[] {
  const cuts = evidence.cuts.filter((cut) => cut.process === process);
  const endings = evidence.processes.find(({ name }) => name === process)?.endings ?? [];
  const happened = (reason: string): boolean => {
    if (reason === 'overflow') return evidence.fullDisks.has(process) || cuts.some((cut) => cut.reason === 'overflow');
    if (reason === 'disconnect') return cuts.some((cut) => cut.reason === 'disconnect');
    return reason !== 'crash' || endings.some(({ how }) => how === 'killed' || how === 'failed');
  };
  return gaps
    .filter(({ reason }) => !happened(reason))
    .map(({ id, reason }) => ({ kind: 'reason of gap', text: `gap ${id} says ${reason}, but none happened to ${process}` }));
}
