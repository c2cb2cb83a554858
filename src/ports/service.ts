/** Whether a service can do its work, for `/ready` and the terminal. */
export interface Readiness {
  readonly ready: boolean;
  /** One short line: what it waits for, or what it is doing. */
  readonly detail: string;
}

/** A running part of Pulse. */
export interface Service {
  readonly name: string;
  /** Runs until `signal` aborts; then drains within 10 s and resolves. Rejects with a PulseError only when it cannot go on. */
  run(signal: AbortSignal): Promise<void>;
  readiness(): Readiness;
  /** Figures for the terminal and `/health`: short names to numbers or short texts. */
  figures(): Readonly<Record<string, number | string>>;
}
