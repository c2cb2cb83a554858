import type { GapRecord } from '../../domain/gap.ts';
import { symbolOfTopic } from '../../domain/symbol.ts';
import { payloadHash, TAIL } from '../../domain/tape-alignment.ts';
import { parseTick } from '../../domain/tick-parser.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import type { TapeEnd } from '../../ports/tick-tape.ts';

/** What a mirror notes on disk while it runs. */
export interface MirrorNote {
  readonly instance: string;
  /** Everything published before this (epoch milliseconds) is in the log or the spool, or in a gap that stands there. */
  readonly through: number;
  /** Whether the run ended by itself. */
  readonly clean: boolean;
  /** What the log was not told of gaps yet. */
  readonly gaps?: readonly GapRecord[];
}

export function parseNote(text: string | null): MirrorNote | null {
  return text === null ? null : (JSON.parse(text) as MirrorNote);
}

/** Reads from the log where each symbol's tape ends. */
export async function readEnds(log: RecordLog): Promise<ReadonlyMap<string, TapeEnd>> {
  const ends = new Map<string, TapeEnd>();
  const topics = (await log.topics()).filter((topic) => symbolOfTopic(topic) !== null);
  for (const [topic, records] of await lastRecords(log, topics, TAIL)) {
    const symbol = symbolOfTopic(topic)!;
    if (records.length === 0) continue;
    const last = records[records.length - 1]!;
    const parsed = parseTick(last.value ?? '', { symbol, receivedAt: null }, { allowNonPositive: true });
    const taken = [...sequencesIn(records)].map(([instance, numbers]) => [instance, Math.max(...numbers)] as const);
    ends.set(symbol, {
      hashes: records.map((r) => payloadHash(r.value ?? Buffer.alloc(0))),
      receivedAt: last.timestamp,
      lastTs: 'tick' in parsed ? parsed.tick.ts : null,
      taken: new Map(taken),
    });
  }
  return ends;
}

/** Which sequence numbers of each instance stand among the last `depth` records of each partition of topics, by topic. */
export async function lastSequences(
  log: RecordLog,
  topics: readonly string[],
  depth: number,
): Promise<Map<string, Map<string, Set<number>>>> {
  const found = await lastRecords(log, topics, depth);
  return new Map([...found].map(([topic, records]) => [topic, sequencesIn(records)]));
}

function sequencesIn(records: readonly LogRecord[]): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const { headers } of records) {
    const instance = headers.get('instance')?.toString();
    const seq = Number(headers.get('seq')?.toString());
    if (instance === undefined) continue;
    const numbers = found.get(instance);
    if (numbers === undefined) found.set(instance, new Set([seq]));
    else numbers.add(seq);
  }
  return found;
}

/** The last `depth` records of each partition, by topic. */
async function lastRecords(
  log: RecordLog,
  topics: readonly string[],
  depth: number,
): Promise<Map<string, LogRecord[]>> {
  const found = new Map<string, LogRecord[]>();
  let open = (await log.ranges(topics)).map(({ topic, partition, earliest, end }) => {
    return { topic, partition, from: Math.max(earliest, end - depth), max: depth, end };
  });
  for (;;) {
    open = open.filter(({ from, end }) => from < end);
    if (open.length === 0) return found;
    const pages = await log.read(open);
    open = open.map((request, i) => {
      const page = pages[i]!;
      const records = found.get(request.topic);
      if (records === undefined) found.set(request.topic, [...page]);
      else records.push(...page);
      return { ...request, from: page.length === 0 ? request.end : page[page.length - 1]!.offset + 1 };
    });
  }
}
