import type { Level } from '../../ports/journal.ts';
import type { EventLine } from '../../text/event-text.ts';

/** A message of the topic, whatever wrote it. */
export interface ReadEvent extends EventLine {
  readonly level: Level;
  readonly instance: string | null;
}

/** No date lies further from 1970, in milliseconds. */
const LAST_MS = 8.64e15;
/** Code of a message that is not JSON, or says no code. */
const PLAIN = 'message';

const LEVELS: Readonly<Record<string, Level>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'error',
  fatal: 'error',
};

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Reads a message. `timestamp` (epoch milliseconds) is the record's; it stands in where the message tells no time. */
export function readEvent(value: Buffer | null, timestamp: number): ReadEvent {
  const raw = value?.toString() ?? '';
  const fields = objectOf(raw);
  // Whoever wrote the record may have given it any time.
  const ts = new Date(Math.abs(timestamp) <= LAST_MS ? timestamp : 0).toISOString();
  if (fields === null)
    return { ts, service: 'unknown', instance: null, level: 'info', event: PLAIN, message: raw.trim(), data: {} };
  const { ts: time, service, instance, level, event, code, message, msg, data, ...rest } = fields;
  return {
    ts: timeOf(time) ?? ts,
    service: text(service) ?? 'unknown',
    instance: text(instance),
    level: levelOf(level),
    event: text(event) ?? text(code) ?? PLAIN,
    message: text(message) ?? text(msg) ?? '',
    data: {
      ...(typeof data === 'object' && data !== null && !Array.isArray(data)
        ? data
        : data === undefined
          ? {}
          : { data }),
      ...rest,
    },
  };
}

function levelOf(level: unknown): Level {
  const word = typeof level === 'string' ? level.toLowerCase() : '';
  return Object.hasOwn(LEVELS, word) ? LEVELS[word]! : 'info';
}

function objectOf(raw: string): Record<string, unknown> | null {
  if (!raw.trimStart().startsWith('{')) return null;
  try {
    return JSON.parse(raw) as Record<string, unknown>;
  } catch {
    // Not JSON: it is shown as it is.
    return null;
  }
}

/** ISO 8601 text, epoch seconds or epoch milliseconds, as ISO 8601 in UTC. */
function timeOf(time: unknown): string | null {
  const ms =
    typeof time === 'number'
      ? time < 1e11
        ? time * 1000
        : time
      : typeof time === 'string'
        ? Date.parse(time)
        : Number.NaN;
  return Math.abs(ms) <= LAST_MS ? new Date(ms).toISOString() : null;
}
