import type { Bar } from '../../domain/bar/bar.ts';
import { encodeBar, type Stamping } from '../../domain/bar/bar-codec.ts';
import { barTopic } from '../../domain/bar/bar-topics.ts';
import { REJECTED_TOPIC, type RejectedTick, rejectedHeaders } from '../../domain/tape/rejected.ts';
import { tickTopic } from '../../domain/tick/symbol.ts';
import type { NewRecord } from '../../ports/record-log.ts';
import { BUILT_AT, type BuiltAt, CHECKPOINT } from './built-at.ts';
import type { Checkpoint } from './checkpoint.ts';

/** The topic and the key of a bar: compaction keeps the last record of these. */
export const placeOf = (b: Bar): { topic: string; key: string } => ({
  topic: barTopic(b.symbol, b.tf),
  key: String(b.start / 1000),
});

/** `checkpoint`: of the builder that stands there; null for a bar that carries none. */
export function barRecord(
  b: Bar,
  stamping: Stamping,
  { partition, position }: BuiltAt,
  checkpoint: Checkpoint | null,
): NewRecord {
  const headers = new Map([[BUILT_AT, JSON.stringify({ partition, position })]]);
  if (checkpoint !== null) headers.set(CHECKPOINT, JSON.stringify(checkpoint));
  return { ...placeOf(b), value: Buffer.from(encodeBar(b, stamping)), headers };
}

export function rejectedRecord(reject: RejectedTick): NewRecord {
  const headers = new Map<string, string>(Object.entries(rejectedHeaders(reject)));
  return {
    topic: REJECTED_TOPIC,
    key: reject.symbol ?? tickTopic(''),
    value: reject.payload,
    headers,
  };
}
