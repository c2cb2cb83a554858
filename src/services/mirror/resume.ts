import { symbolOfTopic } from '../../domain/symbol.ts';
import { payloadHash, TAIL } from '../../domain/tape-alignment.ts';
import { parseTick } from '../../domain/tick-parser.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import type { TapeEnd, TapeResume } from '../../ports/tick-tape.ts';

/** What a mirror notes on disk while it runs. */
export interface MirrorNote {
  readonly instance: string;
  /** Everything received before this (epoch milliseconds) is in the log or the spool. */
  readonly through: number;
  /** Whether the run ended by itself. */
  readonly clean: boolean;
}

export function parseNote(text: string | null): MirrorNote | null {
  return text === null ? null : (JSON.parse(text) as MirrorNote);
}

/** Reads from the log where an earlier run left each symbol's tape. */
export async function readResume(log: RecordLog, note: MirrorNote | null): Promise<TapeResume> {
  const ends = new Map<string, TapeEnd>();
  let newest: number | null = null;
  for (const topic of await log.topics()) {
    const symbol = symbolOfTopic(topic);
    if (symbol === null) continue;
    const records = await lastRecords(log, topic, TAIL);
    if (records.length === 0) continue;
    const last = records[records.length - 1]!;
    const parsed = parseTick(last.value ?? '', { symbol, receivedAt: null }, { allowNonPositive: true });
    ends.set(symbol, {
      hashes: records.map((r) => payloadHash(r.value ?? Buffer.alloc(0))),
      receivedAt: last.timestamp,
      lastTs: 'tick' in parsed ? parsed.tick.ts : null,
    });
    newest = Math.max(newest ?? 0, last.timestamp);
  }
  // Without a note (another machine, a new disk) the log itself tells until when ticks came.
  return { from: note?.through ?? newest, clean: note?.clean ?? false, ends };
}

/** The greatest sequence number of each instance among the last `depth` records of a topic. */
export async function lastSequences(log: RecordLog, topic: string, depth: number): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const record of await lastRecords(log, topic, depth)) {
    const instance = record.headers.get('instance')?.toString();
    const seq = Number(record.headers.get('seq')?.toString());
    if (instance !== undefined && !(seq <= (found.get(instance) ?? -1))) found.set(instance, seq);
  }
  return found;
}

async function lastRecords(log: RecordLog, topic: string, depth: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (const { partition, earliest, end } of await log.ranges(topic)) {
    for (let from = Math.max(earliest, end - depth); from < end; ) {
      const page = await log.read(topic, partition, from, depth);
      if (page.length === 0) break;
      records.push(...page);
      from = page[page.length - 1]!.offset + 1;
    }
  }
  return records;
}
