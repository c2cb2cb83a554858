import { PulseError } from '../../domain/errors.ts';
import { needAll } from '../../domain/needed-topics.ts';
import { REJECTED_TOPIC } from '../../domain/rejected.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal } from '../../ports/journal.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import type { TapeTick } from '../../ports/tick-tape.ts';
import type { LogWatch } from './gap-writer.ts';
import { MirrorTopics, type MirrorTopicsOptions } from './mirror-topics.ts';
import { lastSequences } from './resume.ts';
import { cutDown, type Rejects, refuseTopic, rejectAtSight, tickRecord, topicOf } from './tick-record.ts';

/** How much further back than what is being sent the log is searched for records that did arrive. */
const SLACK = 2_000;
/** New topics that are made at once: each takes the log about a millisecond, and ticks of others wait for it. */
const NEW_TOPICS = 100;

export type DeliveryOptions = MirrorTopicsOptions;

/** Brings ticks into the log: each once, in order per symbol, however often the log goes away. What a topic does not take goes to `ticks.rejected`. */
export class Delivery implements LogWatch {
  readonly #log: RecordLog;
  readonly #clock: Clock;
  readonly #journal: Journal;
  readonly #topics: MirrorTopics;
  /** Instances of earlier runs, whose ticks come from the spool and may be in the log already. */
  readonly #instance: string;
  available = true;
  /** Ticks that went to `ticks.rejected`. */
  rejected = 0;

  constructor(log: RecordLog, clock: Clock, journal: Journal, instance: string, options: DeliveryOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#journal = journal;
    this.#instance = instance;
    this.#topics = new MirrorTopics(log, clock, journal, options);
  }

  /** Resolves when all ticks are in the log; false when `giveUp` aborted before. */
  async deliver(ticks: readonly TapeTick[], giveUp: AbortSignal): Promise<boolean> {
    // An earlier run may have died between the log's taking a tick and the spool's forgetting it.
    let uncertain = ticks.some((tick) => !tick.instance.startsWith(this.#instance));
    const rejects: Rejects = new Map();
    rejectAtSight(ticks, rejects);
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#bring(ticks, uncertain, rejects);
        this.answers();
        this.rejected += rejects.size;
        return true;
      } catch (error) {
        if (!(error instanceof PulseError && error.retry)) throw error;
        this.lost(error);
        // The log may have taken some of them before it went away.
        uncertain = true;
      }
      if (giveUp.aborted) return false;
      await this.#clock.sleep(Math.min(100 * 2 ** attempt, 2_000), giveUp);
    }
  }

  answers(): void {
    if (!this.available) this.#journal.event('info', 'engine.restored', 'the record log answers again');
    this.available = true;
  }

  lost(error: PulseError): void {
    if (this.available) this.#journal.event('warn', 'engine.lost', error.message);
    this.available = false;
  }

  /** First those whose topics are there, then the others, some new topics at a time: making topics holds up nobody else. */
  async #bring(ticks: readonly TapeTick[], uncertain: boolean, rejects: Rejects): Promise<void> {
    const left = uncertain ? await this.#missing(ticks, rejects) : ticks;
    const waiting: TapeTick[] = [];
    const ready: TapeTick[] = [];
    for (const tick of left) {
      const topic = topicOf(tick, rejects);
      const refusal = topic === REJECTED_TOPIC ? null : this.#topics.refusal(topic);
      if (refusal !== null) refuseTopic(tick, refusal.reason, rejects);
      if (this.#topics.has(topicOf(tick, rejects))) ready.push(tick);
      else waiting.push(tick);
    }
    await this.#append(ready, rejects);
    const byTopic = [...Map.groupBy(waiting, (tick) => topicOf(tick, rejects))];
    for (let i = 0; i < byTopic.length; i += NEW_TOPICS) {
      const some = byTopic.slice(i, i + NEW_TOPICS);
      await this.#topics.make(some.map(([topic]) => topic));
      const refused = some.filter(([topic]) => !this.#topics.has(topic)).flatMap(([, own]) => own);
      await this.#append(
        some.flatMap(([topic, own]) => (this.#topics.has(topic) ? own : [])),
        rejects,
      );
      // Now they are rejects, and the topic of those may be new too.
      if (refused.length > 0) await this.#bring(refused, false, rejects);
    }
  }

  /** Appends them; where the log finds one too large, in ever smaller parts, until that one is found and goes to `ticks.rejected`. */
  async #append(ticks: readonly TapeTick[], rejects: Rejects): Promise<void> {
    const [first] = ticks;
    if (first === undefined) return;
    try {
      await this.#log.append(ticks.map((tick) => tickRecord(tick, rejects)));
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      if (error.code === 'log.topic.refused') return this.#withoutTopic(ticks, error, rejects);
      if (error.code !== 'log.record.too-large') throw error;
      // The others may be in the log.
      const middle = ticks.length >> 1;
      if (middle === 0) {
        // Not even a record without a payload.
        if (!cutDown(first, Number(error.evidence.limit), rejects))
          needAll([{ topic: REJECTED_TOPIC, reason: error.message }]);
        return this.#bring(ticks, true, rejects);
      }
      await this.#bring(ticks.slice(0, middle), true, rejects);
      await this.#bring(ticks.slice(middle), true, rejects);
    }
  }

  /** The topic was there and no longer is, or an ACL forbids to write to it: the ticks of the others may be in the log. */
  async #withoutTopic(ticks: readonly TapeTick[], { evidence }: PulseError, rejects: Rejects): Promise<void> {
    const refusal = { topic: String(evidence.topic), reason: String(evidence.reason), collidesWith: null };
    if (refusal.topic === REJECTED_TOPIC) needAll([refusal]);
    this.#topics.refused(refusal);
    await this.#bring(ticks, true, rejects);
  }

  /** Of these ticks, those that the log does not hold yet. */
  async #missing(ticks: readonly TapeTick[], rejects: Rejects): Promise<TapeTick[]> {
    const byTopic = Map.groupBy(ticks, (tick) => topicOf(tick, rejects));
    const most = Math.max(...[...byTopic.values()].map(({ length }) => length));
    // A topic that is there now may have been refused then.
    const sequences = await lastSequences(this.#log, [...byTopic.keys(), REJECTED_TOPIC], most + SLACK);
    const isIn = ({ instance, seq }: TapeTick, topic: string): boolean =>
      sequences.get(topic)?.get(instance)?.has(seq) ?? false;
    return ticks.filter((tick) => !isIn(tick, topicOf(tick, rejects)) && !isIn(tick, REJECTED_TOPIC));
  }
}
