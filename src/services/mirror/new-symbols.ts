import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import { tickTopic } from '../../domain/tick/symbol.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';

/** Ticks of one topic, of one delivery. */
interface Part {
  readonly ticks: TapeTick[];
  /** Settled with what became of them. */
  readonly done: PromiseWithResolvers<boolean>;
}

/**
 * Ticks of symbols whose topics have to be made first, in order per symbol, while those of others go on. A few topics at a time: half of
 * them those that have waited longest, half those that came last, so that among thousands of new symbols one more does not wait for all of
 * them, and none waits for ever.
 */
export class NewSymbols {
  readonly #bring: (ticks: readonly TapeTick[]) => Promise<boolean>;
  readonly #isKnown: (topic: string) => boolean;
  readonly #atOnce: number;
  /** By topic, oldest first. One stays in here until the last of its ticks was brought: what comes meanwhile goes behind. */
  readonly #waiting = new Map<string, Part[]>();
  #state: 'idle' | 'working' | 'over' = 'idle';

  /**
   * `bring` makes the topics of ticks that are not known, `atOnce` at most, and brings them into the log. After it gave false or rejected
   * nothing more is brought.
   */
  constructor(
    bring: (ticks: readonly TapeTick[]) => Promise<boolean>,
    isKnown: (topic: string) => boolean,
    atOnce: number,
  ) {
    this.#bring = bring;
    this.#isKnown = isKnown;
    this.#atOnce = atOnce;
  }

  /** Those that have to wait, and the others. */
  split(ticks: readonly TapeTick[]): [TapeTick[], readonly TapeTick[]] {
    const waits = (tick: TapeTick): boolean => this.#waiting.has(topicOf(tick)) || !this.#isKnown(topicOf(tick));
    const waiting = ticks.filter(waits);
    return [waiting, waiting.length === 0 ? ticks : ticks.filter((tick) => !waits(tick))];
  }

  /** Resolves with whether all of them were brought. */
  async add(ticks: readonly TapeTick[]): Promise<boolean> {
    if (this.#state === 'over') return false;
    const parts: Part[] = [];
    for (const [topic, own] of Map.groupBy(ticks, topicOf)) {
      const part = { ticks: own, done: Promise.withResolvers<boolean>() };
      parts.push(part);
      const before = this.#waiting.get(topic);
      if (before === undefined) this.#waiting.set(topic, [part]);
      else before.push(part);
    }
    if (this.#state === 'idle') void this.#work(); // detached: what fails is told to those who add
    const done = await Promise.all(parts.map((part) => part.done.promise));
    return done.every((brought) => brought);
  }

  /** Until nothing waits, or something could not be brought: then for good. */
  async #work(): Promise<void> {
    this.#state = 'working';
    while (this.#waiting.size > 0) {
      const topics = this.#next();
      // Of each topic no more at once than one delivery has: readers count on that where mirrors take turns (ADR 14).
      const parts = topics.map((topic) => this.#waiting.get(topic)!.shift()!);
      const brought = this.#bring(parts.flatMap(({ ticks }) => ticks));
      for (const { done } of parts) done.resolve(brought);
      // Who waits for these is told why.
      if (!(await brought.catch(() => false))) return this.#end();
      for (const topic of topics) if (this.#waiting.get(topic)!.length === 0) this.#waiting.delete(topic);
    }
    this.#state = 'idle';
  }

  /** Topics that are there by now, of which more came meanwhile, take no other's place. */
  #next(): string[] {
    const [known, missing]: [string[], string[]] = [[], []];
    for (const topic of this.#waiting.keys()) (this.#isKnown(topic) ? known : missing).push(topic);
    if (missing.length <= this.#atOnce) return [...known, ...missing];
    const newest = this.#atOnce >> 1;
    return [...known, ...missing.slice(0, this.#atOnce - newest), ...missing.slice(missing.length - newest)];
  }

  #end(): void {
    this.#state = 'over';
    for (const { done } of [...this.#waiting.values()].flat()) done.resolve(false);
    this.#waiting.clear();
  }
}

/** Where a tick goes unless it is refused. */
const topicOf = ({ symbol }: TapeTick): string => (symbol === null ? REJECTED_TOPIC : tickTopic(symbol));
