/** Every kind of fault. A run of seeds in which one of them never happened proves less than it says. */
export const faultKinds = [
  'receipt lag',
  'connection lost',
  'connection silent',
  'slow subscriber',
  'redis away',
  'kafka away',
  'redis stalls',
  'kafka stalls',
  'append unanswered',
  'append half done',
  'redis write unanswered',
  'kill',
  'stop',
  'pause',
  'redelivery',
  'rebalance',
  'member joins',
  'clock step',
  'stream trimmed',
  'disk full',
  'new symbol',
  'refused topic',
  'lease lost',
  'topic truncated',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** One fault of a plan. */
export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds since the simulation began. */
  readonly at: number;
  /** How long it lasts, milliseconds; 0 where it is over at once. */
  readonly lasts: number;
  /** Name of the process it is done to; empty where it is done to none. */
  readonly to: string;
  /** How much: milliseconds of lag or step, completions until a kill, messages, entries. */
  readonly size: number;
}
