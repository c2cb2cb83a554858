import type { EventCode } from '../domain/event/event.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Where a service says what happened: to its own log, and, from `info` up, to the topic `overseer-events`. Never rejects, never blocks. */
export interface Journal {
  event(level: Level, code: EventCode, message: string, data?: Readonly<Record<string, unknown>>): void;
}
