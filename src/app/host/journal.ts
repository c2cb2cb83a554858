import { pino } from 'pino';
import type { EventCode, OverseerEvent } from '../../domain/event/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal, Level } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { eventText } from '../../text/event-text.ts';
import { redaction } from './redaction.ts';

export interface JournalNeeds {
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Takes one line, its end included. */
  readonly write: (line: string) => void;
}

export interface JournalOptions {
  readonly instance: string;
  readonly level: Level;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
  /** Topic of the events. */
  readonly topic: string;
  readonly secrets: readonly string[];
  /** Events that may wait for the log; more are dropped and counted. Default 10,000. */
  readonly capacity?: number;
}

/** The journals of a process: one for each service, all to the same log and the same topic. */
export interface Journals {
  of(service: string): Journal;
  /** A text without the secrets that it may hold. */
  clean(text: string): string;
  /** From now on events go to the topic too, those that were kept since the start first. */
  sendTo(log: RecordLog): void;
  /** Sends what waits, for at most `withinMs`; what is left then is dropped and counted. */
  flush(withinMs: number): Promise<void>;
}

const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error'];
const BATCH = 500;

export function journals({ clock, metrics, write }: JournalNeeds, options: JournalOptions): Journals {
  const { instance, level, format, colour, topic, secrets } = options;
  const clean = redaction(secrets);
  const sender = new EventSender(clock, metrics, topic, options.capacity ?? 10_000);
  const json = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  const print = (event: OverseerEvent): void => {
    if (LEVELS.indexOf(event.level) < LEVELS.indexOf(level)) return;
    if (format === 'pretty') return write(`${eventText(event, colour)}\n`);
    const { level: _, message, ...fields } = event;
    json[event.level](fields, message);
  };
  return {
    of: (service) => ({
      event(eventLevel: Level, code: EventCode, message: string, data = {}) {
        const event: OverseerEvent = {
          ts: new Date(clock.now()).toISOString(),
          service,
          instance,
          level: eventLevel,
          event: code,
          message: clean.text(message),
          data: clean.value(data) as Record<string, unknown>,
        };
        print(event);
        if (eventLevel !== 'debug') sender.put(event);
      },
    }),
    clean: clean.text,
    sendTo: (log) => sender.sendTo(log),
    flush: (withinMs) => sender.flush(withinMs),
  };
}

/** Brings events to the topic without ever holding up who emits them. */
class EventSender {
  readonly #clock: Clock;
  readonly #topic: string;
  readonly #capacity: number;
  readonly #sent: { inc(by?: number): void };
  readonly #dropped: { inc(by?: number): void };
  readonly #wait = new AbortController();
  #log: RecordLog | null = null;
  #queue: OverseerEvent[] = [];
  #sending: Promise<void> | null = null;
  #ending = false;

  constructor(clock: Clock, metrics: Metrics, topic: string, capacity: number) {
    this.#clock = clock;
    this.#topic = topic;
    this.#capacity = capacity;
    this.#sent = metrics.counter('pulse_journal_events_total');
    this.#dropped = metrics.counter('pulse_journal_dropped_events_total');
  }

  put(event: OverseerEvent): void {
    if (this.#queue.length >= this.#capacity) return this.#dropped.inc();
    this.#queue.push(event);
    this.#start();
  }

  sendTo(log: RecordLog): void {
    this.#log = log;
    this.#start();
  }

  async flush(withinMs: number): Promise<void> {
    const over = new AbortController();
    this.#ending = true;
    this.#wait.abort();
    this.#start();
    await Promise.race([this.#sending ?? Promise.resolve(), this.#clock.sleep(withinMs, over.signal)]);
    over.abort();
    this.#dropped.inc(this.#queue.length);
    this.#queue = [];
  }

  #start(): void {
    const log = this.#log;
    if (log === null || this.#queue.length === 0) return;
    this.#sending ??= this.#send(log).finally(() => {
      this.#sending = null;
      // An event may have come after the last look into the queue.
      if (!this.#ending) this.#start();
    });
  }

  async #send(log: RecordLog): Promise<void> {
    for (let failures = 0; this.#queue.length > 0; ) {
      const batch = this.#queue.slice(0, BATCH);
      try {
        await log.append(
          batch.map((event) => ({ topic: this.#topic, key: event.service, value: Buffer.from(JSON.stringify(event)) })),
        );
        this.#queue.splice(0, batch.length);
        this.#sent.inc(batch.length);
        failures = 0;
      } catch {
        // The events wait here, and the services that use the log tell that it is away.
        failures += 1;
        if (this.#ending) return;
        await this.#clock.sleep(Math.min(10_000, 250 * 2 ** failures), this.#wait.signal);
      }
    }
  }
}
