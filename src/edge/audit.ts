import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { RecordLog } from '../ports/record-log.ts';
import type { CountedListener } from './edge-metrics.ts';

export interface AuditEntry {
  /** What was done, `trade.log`: one of the service's own list. */
  readonly action: string;
  /** Name of the key, or `anonymous`; null where the key was refused. */
  readonly by: string | null;
  /** What was written or asked for; null where the request did not get so far. */
  readonly id: string | null;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Address of the client. */
  readonly from: string;
}

/** Who wrote what, when, from where. Never rejects, never blocks. */
export interface Audit {
  write(entry: AuditEntry): void;
}

export interface AuditNeeds {
  readonly log: Pick<RecordLog, 'append'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly journal: Journal;
}

export interface AuditOptions {
  /** The listener whose entries these are: its name begins the names of its metrics. */
  readonly of: CountedListener;
  readonly topic: string;
  /** Most entries that wait for the log; further ones are dropped, and counted. */
  readonly capacity: number;
}

const BATCH = 500;
const LINGER_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/** Beyond what the log needs when it works; a log that is away takes longer to say so than a process may take to end. */
const END_MS = 1_000;

/** Writes the audit to a topic of the record log, in batches, in order, at least once each. What cannot be written is counted. */
export function auditTrail({ log, clock, metrics, journal }: AuditNeeds, { of, topic, capacity }: AuditOptions) {
  const written = metrics.counter(`${of}_audit_written_total`);
  const lost = metrics.counter(`${of}_audit_dropped_total`);
  const waiting: (AuditEntry & { readonly ts: number })[] = [];
  /** The append that is under way: the next one begins after it, or entries would be there twice. */
  let flushing: Promise<void> | null = null;
  let dropping = false;
  let ended = false;

  const drop = (count: number, reason: string): void => {
    lost.inc(count);
    if (!dropping) journal.event('error', 'audit.dropped', `the audit loses entries: ${reason}`, { topic });
    dropping = true;
  };

  async function appendOldest(): Promise<void> {
    const batch = waiting.slice(0, BATCH);
    await log.append(
      batch.map(({ ts, ...entry }) => ({
        topic,
        key: null,
        value: Buffer.from(JSON.stringify({ ts: new Date(ts).toISOString(), ...entry })),
        timestamp: ts,
      })),
    );
    // After the end they were counted as lost; whether they are there was not known then.
    if (ended) return;
    waiting.splice(0, batch.length);
    written.inc(batch.length);
    dropping = false;
  }

  /** Resolves once the oldest of those that wait are in the log. */
  function flush(): Promise<void> {
    flushing ??= appendOldest().finally(() => {
      flushing = null;
    });
    return flushing;
  }

  const audit: Audit = {
    write(entry) {
      if (ended) return drop(1, 'it came after the end');
      if (waiting.length >= capacity) return drop(1, `more than ${capacity} wait for the log`);
      waiting.push({ ts: clock.now(), ...entry });
    },
  };

  /** Writes until `signal` aborts, and resolves at once then: `end` writes the rest, once nothing more can come. */
  async function run(signal: AbortSignal): Promise<void> {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (let wait = LINGER_MS; !signal.aborted; ) {
      if (waiting.length < BATCH || wait > LINGER_MS) await clock.sleep(wait, signal);
      if (waiting.length === 0 || signal.aborted) continue;
      try {
        await Promise.race([flush(), stopped]);
        wait = LINGER_MS;
      } catch (error) {
        if (wait === LINGER_MS)
          journal.event('warn', 'engine.lost', `the audit waits for the log: ${reasonOf(error)}`, { topic });
        wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      }
    }
  }

  /** Writes what still waits, for a second; what is not in the log by then is counted as lost. */
  async function end(): Promise<void> {
    const over = new AbortController();
    const late = clock.sleep(END_MS, over.signal).then(() => 'late' as const);
    try {
      if ((await Promise.race([flushAll(), late])) === 'late')
        drop(waiting.length, `the log gave no answer within ${END_MS} ms`);
    } catch (error) {
      drop(waiting.length, reasonOf(error));
    } finally {
      ended = true;
      over.abort();
    }
  }

  async function flushAll(): Promise<void> {
    while (waiting.length > 0) await flush();
  }

  return { audit, run, end };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
