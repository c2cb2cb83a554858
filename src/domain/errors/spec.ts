/** Evidence that an error carries: plain values only, never secrets. */
export type Evidence = Readonly<Record<string, unknown>>;

/** One entry of the closed list of errors. */
export interface ErrorSpec {
  /** Whether trying again, with nothing changed, can help. */
  readonly retry: boolean;
  /** Exit code when the error ends a process; null when it never does. */
  readonly exit: number | null;
  /** HTTP status where a caller's request brought it about; absent: 503 where a retry can help, else 500. */
  readonly status?: number;
  /** What brings it about, for `docs/errors.md`. */
  readonly cause: string;
  /** What the reader should do about it, for `docs/errors.md`. */
  readonly remedy: string;
  /** The line a person reads: names the bad value, where it came from and what is allowed. */
  readonly text: (e: Evidence) => string;
}

export type ErrorList = Readonly<Record<string, ErrorSpec>>;
