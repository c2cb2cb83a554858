import type { Bar } from '../../domain/bar.ts';
import type { BuilderState } from '../../domain/bar-builder.ts';
import { encodeBar, type TimestampOn } from '../../domain/bar-codec.ts';
import { barTopic } from '../../domain/bar-topics.ts';
import { REJECTED_TOPIC, type RejectedTick, rejectedHeaders } from '../../domain/rejected.ts';
import { tickTopic } from '../../domain/symbol.ts';
import type { LogRecord, NewRecord, RecordLog } from '../../ports/record-log.ts';

/** A builder as it stood before the record at `position`. Travels as a header of the newest 1m bar, so that bar and checkpoint are one write. */
export interface Checkpoint extends BuiltAt {
  readonly state: BuilderState;
}

/** Where the writer of a bar stood in the ticks: the next record to take. Travels as a header of every bar. */
export interface BuiltAt {
  readonly partition: number;
  readonly position: number;
}

/** Bars of a topic among which the newest checkpoint surely is, however many late writes of a former owner follow it. */
export const CHECKPOINT_DEPTH = 200;
const CHECKPOINT = 'checkpoint';
const BUILT_AT = 'at';

/** The topic and the key of a bar: compaction keeps the last record of these. */
export const placeOf = (b: Bar): { topic: string; key: string } => ({
  topic: barTopic(b.symbol, b.tf),
  key: String(b.start / 1000),
});

/** `state`: of the builder that stands there; null for a bar that carries no checkpoint. */
export function barRecord(
  b: Bar,
  on: TimestampOn,
  { partition, position }: BuiltAt,
  state: BuilderState | null,
): NewRecord {
  const headers = new Map([[BUILT_AT, JSON.stringify({ partition, position })]]);
  if (state !== null) headers.set(CHECKPOINT, JSON.stringify({ partition, position, state }));
  return { ...placeOf(b), value: Buffer.from(encodeBar(b, on)), headers };
}

export function rejectedRecord(reject: RejectedTick): NewRecord {
  const headers = new Map<string, string>(Object.entries(rejectedHeaders(reject)));
  return { topic: REJECTED_TOPIC, key: reject.symbol ?? tickTopic(''), value: reject.payload, headers };
}

/** Null where an older version wrote the bar and does not say. */
export function builtAt({ headers }: LogRecord): BuiltAt | null {
  const header = headers.get(BUILT_AT) ?? headers.get(CHECKPOINT);
  return header === undefined ? null : (JSON.parse(header.toString()) as BuiltAt);
}

/**
 * The newest checkpoint of a partition at or before the position `atMost`, from the end of its bars; null where there is none. A late
 * write of a former owner may follow newer ones, so that the greatest position counts.
 */
export async function readCheckpoint(
  log: RecordLog,
  symbol: string,
  partition: number,
  atMost: number,
): Promise<Checkpoint | null> {
  let newest: Checkpoint | null = null;
  for (const { topic, partition: at, earliest, end } of await log.ranges([barTopic(symbol, '1m')])) {
    for (let to = end; to > earliest && newest === null; to -= CHECKPOINT_DEPTH) {
      for (const record of await readRange(log, topic, at, Math.max(earliest, to - CHECKPOINT_DEPTH), to)) {
        const header = record.headers.get(CHECKPOINT);
        if (header === undefined) continue;
        const found = JSON.parse(header.toString()) as Checkpoint;
        const { position } = found;
        if (found.partition === partition && position <= atMost && position > (newest?.position ?? -1)) newest = found;
      }
    }
  }
  return newest;
}

/** The records of [from, to). */
export async function readRange(
  log: RecordLog,
  topic: string,
  partition: number,
  from: number,
  to: number,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let next = from; next < to; ) {
    const [read] = await log.read([{ topic, partition, from: next, max: to - next }]);
    const page = read!.filter((record) => record.offset < to);
    if (page.length === 0) break;
    records.push(...page);
    next = page[page.length - 1]!.offset + 1;
  }
  return records;
}
