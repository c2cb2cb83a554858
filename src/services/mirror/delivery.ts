import { needAll } from '../../domain/base/needed-topics.ts';
import { unlessAborted } from '../../domain/base/unless-aborted.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import { epochHeaders } from '../../domain/tape/epoch.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import type { LogWatch } from './gap-writer.ts';
import { MirrorTopics, type MirrorTopicsOptions } from './mirror-topics.ts';
import { NewSymbols } from './new-symbols.ts';
import { lastSequences } from './resume.ts';
import { cutDown, type Rejects, refuseTopic, rejectAtSight, tickRecord, topicOf } from './tick-record.ts';

/** How much further back than what is being sent the log is searched for records that did arrive. */
const SLACK = 2_000;
/** Rejected ticks among which those are that this mirror still holds. */
const REJECTS = 20_000;
/** New topics that are made at once: each takes Kafka some milliseconds, and whoever is new meanwhile waits for them. */
export const NEW_TOPICS = 30;

export type DeliveryOptions = MirrorTopicsOptions;

/** Of each topic of ticks, and of `ticks.rejected`, the end of each partition when an epoch began. */
export type Follows = ReadonlyMap<string, ReadonlyMap<number, number>>;

interface Epoch {
  readonly epoch: number;
  readonly follows: Follows;
  /** Topics in which a record of it is. */
  readonly begun: Set<string>;
  /** When it began (epoch milliseconds). */
  readonly at: number;
  /** Numbers of ticks, by instance, that had gone to `ticks.rejected` when it began; null where that was not asked yet. */
  rejected: ReadonlyMap<string, ReadonlySet<number>> | null;
}

/** A delivery under way. Both resolve as `deliver` does. */
export interface Underway {
  /** Those whose topics are there are in the log: the next delivery may begin. */
  readonly known: Promise<boolean>;
  readonly all: Promise<boolean>;
}

/** Brings ticks into the log: each once, in order per symbol, in the epoch of the lease. What a topic does not take goes to `ticks.rejected`. */
export class Delivery implements LogWatch {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #topics: MirrorTopics;
  #epoch: Epoch = { epoch: 0, follows: new Map(), begun: new Set(), at: Number.POSITIVE_INFINITY, rejected: null };
  /** Ticks that wait for their topics to be made, until `stop` aborts. */
  #waiting: { readonly symbols: NewSymbols; readonly stop: AbortSignal } | null = null;
  available = true;
  /** Ticks that went to `ticks.rejected`. */
  rejected = 0;

  constructor(log: RecordLog, clock: Clock, journal: Journal, options: DeliveryOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#journal = journal;
    this.#topics = new MirrorTopics(log, clock, journal, options);
  }

  /** From now on records carry this epoch. `follows`: of each topic, up to where each partition was known when the epoch began. */
  begin(epoch: number, follows: Follows): void {
    this.#epoch = { epoch, follows, begun: new Set(), at: this.#clock.now(), rejected: null };
  }

  /**
   * Resolves with true when all ticks are in the log. With false when `stop` aborted before, or the log gave no certain answer: then some of
   * them may be in it, or may come there yet, and another epoch must begin before any is brought again.
   */
  deliver(ticks: readonly TapeTick[], stop: AbortSignal): Promise<boolean> {
    return this.start(ticks, stop).all;
  }

  /** The same in two steps: making topics holds up nobody else. The next must not be started before the first step of the one before is done. */
  start(ticks: readonly TapeTick[], stop: AbortSignal): Underway {
    const symbols = this.#newSymbols(stop);
    const [waiting, ready] = symbols.split(ticks);
    const known = this.#bringAll(ready, stop);
    const made = waiting.length === 0 ? known : symbols.add(waiting);
    const all = Promise.all([known, made]).then((brought) => brought.every((each) => each));
    // Who waits for the first step hears of it there.
    all.catch(() => undefined);
    return { known, all };
  }

  /** As long as `stop` is the same one, what waits for a topic waits together. */
  #newSymbols(stop: AbortSignal): NewSymbols {
    if (this.#waiting?.stop !== stop) {
      const bring = (ticks: readonly TapeTick[]): Promise<boolean> => this.#bringAll(ticks, stop);
      const isKnown = (topic: string): boolean => this.#topics.has(topic) || this.#topics.refusal(topic) !== null;
      this.#waiting = { stop, symbols: new NewSymbols(bring, isKnown, NEW_TOPICS) };
    }
    return this.#waiting.symbols;
  }

  async #bringAll(ticks: readonly TapeTick[], stop: AbortSignal): Promise<boolean> {
    if (ticks.length === 0) return true;
    const rejects: Rejects = new Map();
    rejectAtSight(ticks, rejects);
    try {
      if (!(await unlessAborted(this.#bring(ticks, false, rejects, stop), stop, false))) return false;
    } catch (error) {
      if (!(error instanceof PulseError && error.retry)) throw error;
      this.lost(error);
      return false;
    }
    this.answers();
    for (const tick of ticks) this.#epoch.begun.add(topicOf(tick, rejects));
    this.rejected += rejects.size;
    return true;
  }

  answers(): void {
    if (!this.available) this.#journal.event('info', 'engine.restored', 'the record log answers again');
    this.available = true;
  }

  lost(error: PulseError): void {
    if (this.available) this.#journal.event('warn', 'engine.lost', error.message);
    this.available = false;
  }

  /**
   * First those whose topics are there, then the others, some new topics at a time. False: `stop` aborted before all were brought.
   * `uncertain`: the log may have some of them, and no more of them will come.
   */
  async #bring(ticks: readonly TapeTick[], uncertain: boolean, rejects: Rejects, stop: AbortSignal): Promise<boolean> {
    const left = await this.#missing(ticks, uncertain, rejects);
    for (const tick of left) {
      const topic = topicOf(tick, rejects);
      const refusal = topic === REJECTED_TOPIC ? null : this.#topics.refusal(topic);
      if (refusal !== null) refuseTopic(tick, refusal.reason, rejects);
    }
    if (!(await this.#setAside(left, rejects, stop))) return false;
    const waiting: TapeTick[] = [];
    const ready: TapeTick[] = [];
    for (const tick of left)
      if (!rejects.has(tick)) (this.#topics.has(topicOf(tick, rejects)) ? ready : waiting).push(tick);
    if (!(await this.#append(ready, rejects, stop))) return false;
    const byTopic = [...Map.groupBy(waiting, (tick) => topicOf(tick, rejects))];
    for (let i = 0; i < byTopic.length; i += NEW_TOPICS) {
      const some = byTopic.slice(i, i + NEW_TOPICS);
      await this.#topics.make(some.map(([topic]) => topic));
      const refused = some.filter(([topic]) => !this.#topics.has(topic)).flatMap(([, own]) => own);
      const made = some.flatMap(([topic, own]) => (this.#topics.has(topic) ? own : []));
      if (!(await this.#append(made, rejects, stop))) return false;
      // Now they are rejects, and the topic of those may be new too.
      if (refused.length > 0 && !(await this.#bring(refused, false, rejects, stop))) return false;
    }
    return true;
  }

  /** Rejects go first: whoever goes on from a tick of the log takes it that no reject before it is missing. */
  async #setAside(ticks: readonly TapeTick[], rejects: Rejects, stop: AbortSignal): Promise<boolean> {
    const aside = ticks.filter((tick) => rejects.has(tick));
    if (aside.length > 0 && !this.#topics.has(REJECTED_TOPIC)) await this.#topics.make([REJECTED_TOPIC]);
    return this.#append(aside, rejects, stop);
  }

  /** Appends them; where the log finds one too large, in ever smaller parts, until that one is found and goes to `ticks.rejected`. */
  async #append(ticks: readonly TapeTick[], rejects: Rejects, stop: AbortSignal): Promise<boolean> {
    const [first] = ticks;
    if (first === undefined) return true;
    if (stop.aborted) return false;
    try {
      await this.#log.append(ticks.map((tick) => tickRecord(tick, rejects, this.#epochOf(topicOf(tick, rejects)))));
      return true;
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      if (error.code === 'log.topic.refused') return this.#withoutTopic(ticks, error, rejects, stop);
      if (error.code !== 'log.record.too-large') throw error;
      // The others may be in the log.
      const middle = ticks.length >> 1;
      if (middle === 0) {
        // Not even a record without a payload.
        if (!cutDown(first, Number(error.evidence.limit), rejects))
          needAll([{ topic: REJECTED_TOPIC, reason: error.message }]);
        return this.#bring(ticks, true, rejects, stop);
      }
      return (
        (await this.#bring(ticks.slice(0, middle), true, rejects, stop)) &&
        (await this.#bring(ticks.slice(middle), true, rejects, stop))
      );
    }
  }

  /** The topic was there and no longer is, or an ACL forbids to write to it: the ticks of the others may be in the log. */
  #withoutTopic(
    ticks: readonly TapeTick[],
    { evidence }: PulseError,
    rejects: Rejects,
    stop: AbortSignal,
  ): Promise<boolean> {
    const refusal = { topic: String(evidence.topic), reason: String(evidence.reason), collidesWith: null };
    if (refusal.topic === REJECTED_TOPIC) needAll([refusal]);
    this.#topics.refused(refusal);
    return this.#bring(ticks, true, rejects, stop);
  }

  /** Of these ticks, those that the log does not hold yet. */
  async #missing(ticks: readonly TapeTick[], uncertain: boolean, rejects: Rejects): Promise<readonly TapeTick[]> {
    if (!uncertain) return this.#notRejectedBefore(ticks);
    const byTopic = Map.groupBy(ticks, (tick) => topicOf(tick, rejects));
    const most = Math.max(...[...byTopic.values()].map(({ length }) => length));
    // A topic that is there now may have been refused then.
    const sequences = await lastSequences(this.#log, [...byTopic.keys(), REJECTED_TOPIC], most + SLACK);
    const isIn = ({ instance, seq }: TapeTick, topic: string): boolean =>
      sequences.get(topic)?.get(instance)?.has(seq) ?? false;
    return ticks.filter((tick) => !isIn(tick, topicOf(tick, rejects)) && !isIn(tick, REJECTED_TOPIC));
  }

  /** What the topics of symbols held was found out when the epoch began; of what was held then, some may have been rejected before. */
  async #notRejectedBefore(ticks: readonly TapeTick[]): Promise<readonly TapeTick[]> {
    const epoch = this.#epoch;
    if (!ticks.some(({ receivedAt }) => receivedAt <= epoch.at)) return ticks;
    epoch.rejected ??= (await lastSequences(this.#log, [REJECTED_TOPIC], REJECTS)).get(REJECTED_TOPIC) ?? new Map();
    return ticks.filter(({ instance, seq }) => !epoch.rejected?.get(instance)?.has(seq));
  }

  /** The headers that tell the epoch. Until one record of a topic is in the log for certain, each may be the first of its epoch. */
  #epochOf(topic: string): [string, string][] {
    const { epoch, follows, begun } = this.#epoch;
    return epochHeaders(epoch, begun.has(topic) ? null : (follows.get(topic) ?? new Map()));
  }
}
