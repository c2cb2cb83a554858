import { needAll } from '../../domain/base/needed-topics.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { GAPS_TOPIC, type GapRecord } from '../../domain/gap/gap.ts';
import { gapParts, isLarge } from '../../domain/gap/gap-parts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordLog } from '../../ports/record-log.ts';

/** What the topic of gaps does not take is no gap's fault: it is set up so. */
const NEEDED: ReadonlySet<string> = new Set(['log.topic.refused', 'log.record.too-large']);

/** Told whether the log answers. */
export interface LogWatch {
  answers(): void;
  lost(error: PulseError): void;
}

/**
 * Writes gap records into the log, the newest state of each, for as long as it takes or until `giveUp` aborts. Only while it may: a record
 * of a former holder would undo what the one after it has found out.
 */
export class GapWriter {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #watch: LogWatch;
  readonly #giveUp: AbortSignal;
  readonly #may: () => boolean;
  readonly #waiting = new Map<string, GapRecord>();
  /** Ids of gaps that one record does not hold. */
  readonly #large = new Set<string>();
  readonly #failed = Promise.withResolvers<never>();
  #writing: Promise<void> | null = null;
  #failure: unknown = null;
  #created = false;

  /** `may`: whether it may write now. */
  constructor(log: RecordLog, clock: Clock, watch: LogWatch, may: () => boolean, giveUp: AbortSignal) {
    this.#log = log;
    this.#may = may;
    this.#watch = watch;
    this.#clock = clock;
    this.#giveUp = giveUp;
    // Whoever waits for something else hears of it all the same.
    this.#failed.promise.catch(() => undefined);
  }

  put(gap: GapRecord): void {
    this.#waiting.set(gap.id, gap);
    this.#begin();
  }

  #begin(): void {
    this.#writing ??= this.#write()
      .catch((error: unknown) => {
        this.#failure = error;
        this.#failed.reject(error);
      })
      .finally(() => {
        this.#writing = null;
      });
  }

  /** Writes nothing of these: the log says that they are closed. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#waiting.delete(id);
  }

  /** Those that are not in the log yet. */
  get waiting(): readonly GapRecord[] {
    return [...this.#waiting.values()];
  }

  /** Those that are open: of one that waits to be written, what the log was `told` is older. */
  open(told: readonly GapRecord[]): GapRecord[] {
    const isOlder = ({ id }: GapRecord): boolean => this.#waiting.has(id.split('/')[0]!);
    return [...told.filter((gap) => !isOlder(gap)), ...this.waiting].filter(({ status }) => status === 'open');
  }

  /** Rejects when the log refuses a record for good. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves when all are in the log; false when it gave up before, or may not write. Rejects as `failed` does. */
  async written(): Promise<boolean> {
    this.#begin();
    while (this.#writing !== null) await this.#writing;
    if (this.#failure !== null) throw this.#failure;
    return this.#waiting.size === 0;
  }

  /** A gap with very many symbols goes into several records, and all its later states do. */
  #parts(gap: GapRecord): GapRecord[] {
    if (!this.#large.has(gap.id) && !isLarge(gap)) return [gap];
    this.#large.add(gap.id);
    return gapParts(gap);
  }

  async #write(): Promise<void> {
    while (this.#waiting.size > 0 && this.#may()) {
      const batch = this.waiting;
      try {
        if (!this.#created) needAll(await this.#log.createTopics([{ topic: GAPS_TOPIC, compacted: true }]));
        this.#created = true;
        await this.#log.append(
          batch
            .flatMap((gap) => this.#parts(gap))
            .map((part) => {
              return { topic: GAPS_TOPIC, key: part.id, value: Buffer.from(JSON.stringify(part)) };
            }),
        );
        this.#watch.answers();
        for (const gap of batch) if (this.#waiting.get(gap.id) === gap) this.#waiting.delete(gap.id);
      } catch (error) {
        if (!(error instanceof PulseError)) throw error;
        if (NEEDED.has(error.code)) needAll([{ topic: GAPS_TOPIC, reason: error.message }]);
        if (!error.retry) throw error;
        this.#watch.lost(error);
        if (this.#giveUp.aborted) return;
        await this.#clock.sleep(500, this.#giveUp);
      }
    }
  }
}
