/** An engine made ready for one case: nobody else sees its data, or the case uses names of its own (`tools.name`). */
export interface Opened<S> {
  readonly subject: S;
  /** Another handle on the same data, as another process would hold it; `dispose` closes it too. */
  readonly another?: () => Promise<S>;
  /** Closes the newest subject, orderly, and gives a new one on the same data. */
  readonly restart?: () => Promise<S>;
  /** What can be done to the engine: name (`disconnect`) to how. Resolves when the fault has happened, and is over unless its name says otherwise. */
  readonly faults?: Readonly<Record<string, () => Promise<void>>>;
  /** Closes everything and deletes the data. */
  readonly dispose: () => Promise<void>;
}

/** How a case gets at an adapter. */
export interface Adapter<S> {
  /** Why the engine cannot run here (`redis-server is not installed`), or null. */
  available(): Promise<string | null>;
  open(): Promise<Opened<S>>;
}
