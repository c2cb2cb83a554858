/** A tick that went out on its channel. */
export interface Published {
  readonly symbol: string;
  readonly payload: string;
  /** Epoch milliseconds, true time. */
  readonly at: number;
}

/** A record that the log took, at any time. */
export interface Record {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** An entry of a stream in which the incumbent writes. */
export interface StreamEntry {
  readonly stream: string;
  readonly fields: ReadonlyMap<string, string>;
}

export interface ProcessEvidence {
  readonly name: string;
  /** Names the run that is alive at the end; null where none is. */
  readonly instance: string | null;
  readonly alive: boolean;
  readonly ready: boolean;
  readonly detail: string;
  readonly figures: Readonly<{ [name: string]: number | string }>;
  /** It should run at the end. */
  readonly wanted: boolean;
  readonly endings: readonly { readonly how: string; readonly at: number; readonly error: string | null }[];
  /** Milliseconds that its longest orderly end took. */
  readonly slowestStop: number;
}

/** A subscriber lost its connection. */
export interface CutEvidence {
  readonly process: string;
  readonly reason: string;
}

/** What reconcile says of a symbol. */
export interface ParityEvidence {
  readonly symbol: string;
  /** Minutes that ended by then were compared (epoch milliseconds). */
  readonly closed: number;
  /** Bars, and those that agree. */
  readonly expected: number;
  readonly agreeing: number;
  /** Starts of the bars that do not (epoch milliseconds). */
  readonly mismatches: readonly number[];
}

/** All that is known of a run at its end, as plain values. */
export interface Evidence {
  readonly published: readonly Published[];
  /** In the order in which the log took them. */
  readonly records: readonly Record[];
  readonly entries: readonly StreamEntry[];
  readonly processes: readonly ProcessEvidence[];
  /** Null where reconcile did not come to an end. */
  readonly parity: readonly ParityEvidence[] | null;
  readonly cuts: readonly CutEvidence[];
  /** Records of topics of ticks that went before all had read them: `<topic>/<partition>@<offset>`. */
  readonly gone: ReadonlySet<string>;
  /** Whether records of ticks went early, so that whoever takes over has less to compare. */
  readonly truncated: boolean;
  /** Processes whose disks refused something. */
  readonly fullDisks: ReadonlySet<string>;
  /** Whether processes keep so little in memory that what comes at once may not fit. */
  readonly tight: boolean;
  /** Processes whose note of an orderly end may have got lost, since what takes it was full, away or stood still. */
  readonly unnoted: ReadonlySet<string>;
  /** Whether streams held all that was published, each payload unlike all others: then every gap can be filled. */
  readonly fillable: boolean;
  /** How far event times may stand behind the order of publishing, milliseconds. */
  readonly jitterMs: number;
  /** How far the clocks of processes were off, milliseconds. */
  readonly skewMs: number;
  /** How far intervals on a process's clock, or by receipt, may be off (milliseconds). */
  readonly marginMs: number;
  readonly graceMs: number;
  readonly correctionMs: number;
  /** Bytes of the largest value that topics take. */
  readonly maxBytes: number;
}

export const complaintKinds = [
  'lost',
  'doubled',
  'out of order',
  'published by nobody',
  'stopped',
  'not caught up',
  'slow to stop',
  'refused for nothing',
  'refused twice',
  'bar missing',
  'bar wrong',
  'bar of nothing',
  'verdict wrong',
  'reason of gap',
  'gap left open',
] as const;

/** Something that must not be. */
export interface Complaint {
  readonly kind: (typeof complaintKinds)[number];
  readonly text: string;
}
