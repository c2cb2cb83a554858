/** Every event code that a service may emit, and what it says. `docs/events.md` is checked against it. */
export const eventCodes = {
  'service.started': 'a service began its work',
  'service.stopped': 'a service drained and ended',
  'service.failed': 'a service cannot go on',
  'bars.failed': 'a defect kept the candidate from building or writing bars; it tries again',
  'parity.failed': 'a symbol could not be compared; the others are, and it is tried again',
  'engine.lost': 'an engine stopped answering; the service waits and tries again',
  'engine.restored': 'an engine answers again',
  'gap.opened': 'ticks may have been missed',
  'gap.closed': 'all that a gap lacked was filled in from a Redis Stream, or found in the log',
  'gap.unfillable': 'entries of a stream of ticks name no symbol; gaps cannot be filled from them',
  'lease.taken': 'a mirror took the lease and writes',
  'lease.waiting': 'another mirror holds the lease; this one receives and stands by',
  'lease.lost': 'a mirror lost the lease and stands by',
  'spool.opened': 'the log does not keep up; ticks go to the spool on disk',
  'spool.drained': 'all of the spool is in the log',
  'tick.rejected': 'ticks could not be used and went to ticks.rejected',
  'topic.refused':
    'the log does not have a topic for a symbol: its ticks go to ticks.rejected, its bars are counted and not written',
  'key.occupied':
    'a key of Redis holds another type than belongs there: what was to be written to it is counted and not written',
  'entry.trimmed': 'a stream lost entries before they were enriched',
  'retention.dropped': 'rows older than the retention were dropped',
  'dead-letter.written': 'a message went to a dead-letter topic or stream',
  'bar.rewritten':
    'a member that had lost its partition wrote bars from fewer ticks; the owner wrote the right ones again',
  'topic.accepted': 'the log makes a topic that it had refused',
  'topic.made-anew': 'a topic was deleted and made again; its records are read from the beginning',
  'log.truncated': 'records were gone from the log before they were read',
  'lag.high': 'a consumer is further behind than its limit',
  'lag.normal': 'a consumer caught up',
  'parity.verdict': 'a session was reconciled',
  'bar-source.promoted': 'readers of bars were switched to the candidate',
  'bar-source.rolled-back': 'readers of bars were switched back to the incumbent',
  'guidance.unstored': 'an answer of guidance was given and could not be stored',
  'feed.ended': 'a source of ticks ended',
  'vectors.full': 'the memory for vectors is full; further passages are searched by their words alone',
  'chunk.refused':
    'the embedder does not take a passage, or its vector has no direction; it is searched by its words alone',
  'request.failed': 'a defect in Pulse: a request was answered with 500',
  'audit.dropped': 'entries of the audit could not be written to the record log',
} as const;

export type EventCode = keyof typeof eventCodes;

/** An event as it stands on the topic `overseer-events`. */
export interface OverseerEvent {
  /** ISO 8601, UTC, with milliseconds. */
  readonly ts: string;
  readonly service: string;
  readonly instance: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: EventCode;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}
