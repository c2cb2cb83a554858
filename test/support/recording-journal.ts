import type { EventCode } from '../../src/domain/event/event.ts';
import type { Journal, Level } from '../../src/ports/journal.ts';

export interface RecordedEvent {
  readonly level: Level;
  readonly code: EventCode;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface RecordingJournal extends Journal {
  readonly events: readonly RecordedEvent[];
  /** Codes of all events, in order. */
  codes(): EventCode[];
}

/** A journal that keeps what it was told. */
export function recordingJournal(): RecordingJournal {
  const events: RecordedEvent[] = [];
  return {
    events,
    codes: () => events.map(({ code }) => code),
    event: (level, code, message, data = {}) => void events.push({ level, code, message, data }),
  };
}
