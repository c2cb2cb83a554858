import type { Clock } from '../../../ports/clock.ts';
import type { Journal } from '../../../ports/journal.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { RecordLog } from '../../../ports/record-log.ts';

export type AuditedAction =
  | 'trade.log'
  | 'document.add'
  | 'document.remove'
  | 'llm.whisperer'
  | 'llm.simple'
  | 'llm.analyze'
  // Over the Model Context Protocol, on whichever of the three.
  | 'llm.guidance';

export interface AuditEntry {
  readonly action: AuditedAction;
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
  readonly topic: string;
  /** Most entries that wait for the log; further ones are dropped, and counted. */
  readonly capacity: number;
}

const BATCH = 500;
const LINGER_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/** Writes the audit to a topic of the record log, in batches, in order, at least once each. */
export function auditTrail({ log, clock, metrics, journal }: AuditNeeds, { topic, capacity }: AuditOptions) {
  const written = metrics.counter('mcp2_audit_written_total', 'Entries of the audit in the record log.');
  const lost = metrics.counter('mcp2_audit_dropped_total', 'Entries of the audit that could not be written.');
  const waiting: (AuditEntry & { readonly ts: number })[] = [];
  let dropping = false;

  const drop = (count: number, reason: string): void => {
    lost.inc(count);
    if (!dropping) journal.event('error', 'audit.dropped', `the audit loses entries: ${reason}`, { topic });
    dropping = true;
  };

  /** Resolves once the oldest of those that wait are in the log. */
  async function flush(): Promise<void> {
    const batch = waiting.slice(0, BATCH);
    await log.append(
      batch.map(({ ts, ...entry }) => ({
        topic,
        key: null,
        value: Buffer.from(JSON.stringify({ ts: new Date(ts).toISOString(), ...entry })),
        timestamp: ts,
      })),
    );
    waiting.splice(0, batch.length);
    written.inc(batch.length);
    dropping = false;
  }

  const audit: Audit = {
    write(entry) {
      if (waiting.length >= capacity) return drop(1, `more than ${capacity} wait for the log`);
      waiting.push({ ts: clock.now(), ...entry });
    },
  };

  /** Writes until `signal` aborts, and then what still waits, once. */
  async function run(signal: AbortSignal): Promise<void> {
    for (let wait = LINGER_MS; !signal.aborted; ) {
      if (waiting.length < BATCH || wait > LINGER_MS) await clock.sleep(wait, signal);
      if (waiting.length === 0) continue;
      try {
        await flush();
        wait = LINGER_MS;
      } catch (error) {
        if (wait === LINGER_MS)
          journal.event('warn', 'engine.lost', `the audit waits for the log: ${reasonOf(error)}`, { topic });
        wait = Math.min(LONGEST_WAIT_MS, wait * 2);
      }
    }
    try {
      while (waiting.length > 0) await flush();
    } catch (error) {
      drop(waiting.length, reasonOf(error));
    }
  }

  return { audit, run };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
