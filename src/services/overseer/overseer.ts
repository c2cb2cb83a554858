import { needAll } from '../../domain/base/needed-topics.ts';
import { eventCodes } from '../../domain/event/event.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Journal, Level } from '../../ports/journal.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import type { Service } from '../../ports/service.ts';
import { eventText } from '../../text/event-text.ts';
import { readEvent } from './event-reader.ts';
import { endPositions, LogTail } from './log-tail.ts';

export interface OverseerNeeds {
  readonly log: RecordLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
  /** Prints one line. */
  readonly print: (line: string) => void;
}

export interface OverseerOptions {
  readonly topic: string;
  /** Consumer group: where the overseer goes on after a restart. */
  readonly group: string;
  /** Epoch milliseconds: print what was said since then, outside the group. Null: go on where the group left off. */
  readonly since: number | null;
  /** Whether to go on after what is there now; without `since` it does anyway. */
  readonly follow: boolean;
  /** Print only lines that match. All are counted. */
  readonly grep: RegExp | null;
  readonly format: 'pretty' | 'json';
  readonly colour: boolean;
}

/** Names that a metric may have as labels: whoever writes to the topic must not be able to make it grow without end. */
const MOST_SERVICES = 200;
const POLL_MS = 300;

/** Logs and counts the messages of the topic of events. */
export function overseer(needs: OverseerNeeds, options: OverseerOptions): Service {
  const { log, clock, metrics, journal, print } = needs;
  const { topic, group, since, follow, grep, format, colour } = options;
  const counter = metrics.counter('pulse_overseer_events_total');
  const services = new Set<string>();
  const counts: Record<Level, number> = { debug: 0, info: 0, warn: 0, error: 0 };
  let following = false;

  function take(record: LogRecord): void {
    const event = readEvent(record.value, record.timestamp);
    counts[event.level] += 1;
    if (services.size < MOST_SERVICES) services.add(event.service);
    counter.inc(1, {
      service: services.has(event.service) ? event.service : 'other',
      level: event.level,
      code: Object.hasOwn(eventCodes, event.event) ? event.event : 'other',
    });
    const plain = format === 'json' ? JSON.stringify(event) : eventText(event);
    if (grep !== null && !grep.test(plain)) return;
    print(format === 'pretty' && colour ? eventText(event, true) : plain);
  }

  async function consume(signal: AbortSignal): Promise<void> {
    needAll(await log.createTopics([{ topic }]));
    following = true;
    await log.consume(
      { group, topics: { topics: [topic] } },
      async (records) => {
        for (const record of records) take(record);
        return endPositions(records);
      },
      signal,
    );
  }

  async function look(from: number, signal: AbortSignal): Promise<void> {
    const tail = new LogTail(log, topic, from);
    while (!signal.aborted) {
      const records = await tail.next();
      following = true;
      for (const record of records) take(record);
      if (records.length > 0) continue;
      if (!follow) return;
      await clock.sleep(POLL_MS, signal);
    }
  }

  return {
    name: 'overseer',
    async run(signal) {
      if (since !== null) return look(since, signal);
      journal.event('info', 'service.started', `overseer follows ${topic}`, { group });
      await consume(signal);
      journal.event('info', 'service.stopped', 'overseer ended', counts);
    },
    readiness: () =>
      following ? { ready: true, detail: `follows ${topic}` } : { ready: false, detail: 'waits for the record log' },
    figures: () => ({
      events: counts.debug + counts.info + counts.warn + counts.error,
      warnings: counts.warn,
      errors: counts.error,
    }),
  };
}
