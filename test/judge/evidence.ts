import type { Published } from './book.ts';
import type { KafkaRecord } from './kafka-reader.ts';
import type { UnexpectedEnd } from './product-process.ts';

/** Something that the judge did to an engine or a process. Epoch milliseconds. */
export interface Happening {
  readonly kind: string;
  /** `kafka`, `redis`, `mirror-a`, … */
  readonly target: string;
  readonly from: number;
  readonly to: number;
}

/** How a process ended that was asked to (SIGTERM). */
export interface AskedEnd {
  readonly name: string;
  readonly code: number | null;
  readonly tookMs: number;
  /** Whether it had printed anything since it was started. */
  readonly wasUp: boolean;
}

/** A bar of the incumbent, as it stands in its Redis stream. */
export interface StreamBar {
  readonly symbol: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** All that the verdict rests on: what was published, and what was on the wire afterwards. */
export interface Evidence {
  readonly published: readonly Published[];
  /** Of `ticks.<SYMBOL>`, in order per partition. */
  readonly ticks: readonly KafkaRecord[];
  /** Of `ticks.rejected`. */
  readonly rejected: readonly KafkaRecord[];
  /** Every version of every gap of the mirrors, in the order written. */
  readonly gaps: readonly string[];
  /** Of `bars.<SYMBOL>.1m`; null where no candidate ran. */
  readonly bars: readonly KafkaRecord[] | null;
  /** Null where no incumbent ran. */
  readonly incumbentBars: readonly StreamBar[] | null;
  readonly incumbentGaps: readonly string[];
  readonly happenings: readonly Happening[];
  readonly ends: readonly UnexpectedEnd[];
  readonly askedEnds: readonly AskedEnd[];
  /** Symbols whose topics Kafka may refuse. */
  readonly mayBeRefused: ReadonlySet<string>;
  /** How often Redis cut a subscriber off. */
  readonly cutOffs: number;
}

/** Something that must not be. */
export interface Fault {
  readonly kind: string;
  /** `EURUSD`, a gap's id, a process. */
  readonly where: string;
  readonly text: string;
  /** How many ticks, bars or ends it is about. */
  readonly count: number;
}
