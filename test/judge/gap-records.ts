import type { Published } from './book.ts';
import type { KafkaRecord } from './kafka-reader.ts';

/** A gap as it stands on the wire. All times in epoch milliseconds. */
export interface Gap {
  readonly id: string;
  readonly service: string;
  readonly instance: string;
  readonly reason: string;
  readonly from: number | null;
  readonly to: number;
  readonly status: string;
  readonly filled: number;
  readonly symbols: Readonly<Record<string, { readonly after: number | null; readonly before: number | null }>>;
  /** Whether symbols that are not listed, and were never seen before the gap, may lack ticks too. */
  readonly unseen?: boolean;
}

/** By how much clocks and the way to Redis may blur the ends of a gap. */
const MARGIN_MS = 150;

/** The newest state of each gap; `texts`: every version, in the order written. */
export function newestGaps(texts: readonly string[]): Gap[] {
  const newest = new Map<string, Gap>();
  for (const text of texts) {
    const gap = JSON.parse(text) as Gap;
    newest.set(gap.id, gap);
  }
  return [...newest.values()];
}

export const gapTexts = (records: readonly KafkaRecord[]): string[] =>
  records.flatMap(({ value }) => (value === null ? [] : [Buffer.from(value, 'latin1').toString()]));

/** Whether a gap says that this tick may be missing. `firstSeen`: when the first tick of its symbol that was received was; null where none was. */
export function tells(gap: Gap, tick: Published, firstSeen: number | null): boolean {
  if (gap.status !== 'open') return false;
  const publishedBy = tick.answeredAt ?? tick.sentAt;
  if (gap.from !== null && publishedBy < gap.from - MARGIN_MS) return false;
  if (tick.sentAt > gap.to + MARGIN_MS) return false;
  const bounds = gap.symbols[tick.symbol];
  if (bounds !== undefined)
    return (bounds.after === null || tick.ts >= bounds.after) && (bounds.before === null || tick.ts <= bounds.before);
  // Of a symbol that was never seen nothing can be listed: the gap has to say that there may be such.
  const unseen = gap.unseen ?? gap.from === null;
  return unseen && (firstSeen === null || gap.from === null || firstSeen >= gap.from - MARGIN_MS);
}

/** Whether a gap of any state lies over the moment at which this tick was published. */
export const liesOver = (gap: Gap, { sentAt, answeredAt }: Published): boolean =>
  (gap.from === null || (answeredAt ?? sentAt) >= gap.from - MARGIN_MS) && sentAt <= gap.to + MARGIN_MS;
