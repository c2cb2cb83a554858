export interface GroupLimits<I> {
  /** Most items of one commit. */
  readonly maxItems: number;
  /** Most bytes of one commit; a larger item goes alone. */
  readonly maxBytes: number;
  sizeOf(item: I): number;
}

interface Waiting<I, O> {
  readonly item: I;
  readonly resolve: (result: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits items in groups, one group at a time: what comes while one is on its way shares the next. `commit` gives a result for each item, in
 * order; an error among them is that item's own. Where it rejects, the items that wait are refused with the same error: each waiting out an
 * engine that does not answer, one group after the other, would take minutes.
 */
export class GroupCommit<I, O> {
  readonly #commit: (items: readonly I[]) => Promise<readonly (O | Error)[]>;
  readonly #limits: GroupLimits<I>;
  #waiting: Waiting<I, O>[] = [];
  #running = false;

  constructor(commit: (items: readonly I[]) => Promise<readonly (O | Error)[]>, limits: GroupLimits<I>) {
    this.#commit = commit;
    this.#limits = limits;
  }

  add(item: I): Promise<O> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#run(); // detached: a failure is told to each caller of its group
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Callers that were answered together come back together: they are to find one group, not the first of them a group of its own.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        const results = await this.#commit(group.map(({ item }) => item));
        group.forEach(({ resolve, reject }, i) => {
          const result = results[i] as O | Error;
          if (result instanceof Error) reject(result);
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of [...group, ...this.#waiting.splice(0)]) reject(error);
      }
    }
    this.#running = false;
  }

  #nextGroup(): Waiting<I, O>[] {
    const { maxItems, maxBytes, sizeOf } = this.#limits;
    let [count, bytes] = [0, 0];
    for (const { item } of this.#waiting) {
      bytes += sizeOf(item);
      if (count > 0 && (count === maxItems || bytes > maxBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
