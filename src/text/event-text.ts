import type { OverseerEvent } from '../domain/event/event.ts';

/** What of an event a line shows. `event` and `level` may be unknown ones: the topic takes messages of others too. */
export type EventLine = Pick<OverseerEvent, 'ts' | 'service' | 'message' | 'data'> & {
  readonly level: string;
  readonly event: string;
};

const COLOURS: Readonly<Record<string, string>> = {
  debug: '\x1b[90m',
  info: '\x1b[36m',
  warn: '\x1b[33m',
  error: '\x1b[31m',
};
const OFF = '\x1b[0m';

/** An event as one line for people: time, level, service, code, fields, message. */
export function eventText({ ts, level, service, event, message, data }: EventLine, colour = false): string {
  const time = ts.slice(ts.indexOf('T') + 1);
  const fields = Object.entries(data).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`${name}=${fieldText(value)}`],
  );
  const rank = level.toUpperCase().padEnd(5);
  const start = COLOURS[level];
  const code =
    colour && start !== undefined
      ? [`${start}${rank}${OFF}`, service, `${start}${event}${OFF}`]
      : [rank, service, event];
  return oneLine([time, ...code, ...fields, message].filter((part) => part !== '').join(' '));
}

function fieldText(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return typeof value === 'string' && /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** Text from elsewhere must neither break the line nor command the terminal. */
export const oneLine = (text: string): string =>
  text.replace(/[\n\r\t]+/g, ' ').replace(/(?!\x1b\[\d+m)[\x00-\x1f\x7f]/g, '');
