/** The only source of time. Simulations pass a virtual one. */
export interface Clock {
  /** Epoch milliseconds, UTC, whole. */
  now(): number;
  /** Milliseconds from an arbitrary start, with fractions; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `tick` every `ms` until `signal` aborts; a call that is still running is not started again. Does not keep the process alive. */
  every(ms: number, tick: () => void | Promise<void>, signal: AbortSignal): void;
}
