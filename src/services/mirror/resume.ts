import { GAPS_TOPIC, type GapRecord, JOINED, parseGap } from '../../domain/gap/gap.ts';
import { epochOf } from '../../domain/tape/epoch.ts';
import { EpochFilter } from '../../domain/tape/epoch-filter.ts';
import { isFillInstance } from '../../domain/tape/fill-instance.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import { payloadHash, TAIL } from '../../domain/tape/tape-alignment.ts';
import { symbolOfTopic } from '../../domain/tick/symbol.ts';
import { parseTick } from '../../domain/tick/tick-parser.ts';
import type { LogRecord, PartitionRange, RecordLog } from '../../ports/record-log.ts';
import type { StreamBegin, TapeEnd } from '../../ports/tick-tape.ts';
import { HASH } from './tick-record.ts';

/** What a mirror notes on disk while it runs. */
export interface MirrorNote {
  readonly instance: string;
  /** Everything published before this (epoch milliseconds) is in the log or the spool, or in a gap that stands there. */
  readonly through: number;
  /** Whether the run ended by itself. */
  readonly clean: boolean;
  /** What the log was not told of gaps yet. */
  readonly gaps?: readonly GapRecord[];
  /** Instances of the runs before, newest first. */
  readonly runs?: readonly string[];
  readonly begin?: StreamBegin | null;
}

export function parseNote(text: string | null): MirrorNote | null {
  return text === null ? null : (JSON.parse(text) as MirrorNote);
}

/** Where the log ends. */
export interface LogEnds {
  readonly symbols: ReadonlyMap<string, TapeEnd>;
  /** What went to `ticks.rejected` of symbols whose other ticks did not. */
  readonly refused: ReadonlyMap<string, TapeEnd>;
  /** Of each topic of ticks, and of `ticks.rejected`, the end of each partition when it was looked at. */
  readonly follows: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** The newest epoch seen. */
  readonly epoch: number;
}

/** Records of a partition that are looked at: more, the longer it is unclear whether they count. */
const DEPTHS = [TAIL, 1_024, 16_384];
/** A record that was received so long before an epoch began was in the log when it did. */
const LONG_BEFORE_MS = 15 * 60_000;
const READ = 5_000;
/** Rejected ticks among which the last ones of each symbol are. */
const REJECTED = 5_000;
/** Topics of which the last records are held in memory at once. */
const GROUP = 500;

/** The end of one partition. */
interface Tail {
  readonly range: PartitionRange;
  readonly records: readonly LogRecord[];
}

/** Reads from the log where each symbol's tape ends: what readers that follow the epoch take of it. */
export async function readEnds(log: RecordLog): Promise<LogEnds> {
  const topics = (await log.topics()).filter((topic) => symbolOfTopic(topic) !== null);
  const [ranges, rejectedRanges] = [await log.ranges(topics), await log.ranges([REJECTED_TOPIC])];
  const tails = new Map<string, Tail>();
  const keyOf = ({ topic, partition }: PartitionRange): string => `${topic}/${partition}`;
  let epoch = 0;
  let unclear: readonly PartitionRange[] = ranges.filter(({ earliest, end }) => earliest < end);
  for (const depth of DEPTHS) {
    const read = await readTails(log, unclear, depth);
    for (const tail of read) tails.set(keyOf(tail.range), tail);
    epoch = newestEpoch(read, epoch);
    unclear = [...tails.values()].filter((tail) => isUnclear(tail, epoch)).map(({ range }) => range);
    if (unclear.length === 0) break;
  }
  const bySymbol = Map.groupBy(tails.values(), ({ range }) => symbolOfTopic(range.topic)!);
  const rejected = await rejectedTicks(log, rejectedRanges);
  const symbols = new Map<string, TapeEnd>();
  const refused = new Map<string, TapeEnd>();
  for (const symbol of new Set([...bySymbol.keys(), ...rejected.keys()])) {
    const records = (bySymbol.get(symbol) ?? []).flatMap((tail) => counting(tail.records));
    const apart = rejected.get(symbol) ?? [];
    const joined = lastJoined([...records, ...apart]);
    const [end, aside] = [endOf(symbol, records, joined), endOf(symbol, apart, joined)];
    // Where all of a symbol is rejected, that is its tape.
    const tape = end ?? aside;
    if (tape !== null) symbols.set(symbol, tape);
    if (end !== null && aside !== null) refused.set(symbol, aside);
  }
  const follows = new Map<string, Map<number, number>>();
  for (const { topic, partition, end } of [...ranges, ...rejectedRanges]) {
    const known = follows.get(topic);
    if (known === undefined) follows.set(topic, new Map([[partition, end]]));
    else known.set(partition, end);
  }
  return { symbols, refused, follows, epoch };
}

/** What mirrors sent to `ticks.rejected` lately, by symbol: it is as proven to be delivered as what stands in the topics of ticks. */
async function rejectedTicks(log: RecordLog, ranges: readonly PartitionRange[]): Promise<Map<string, LogRecord[]>> {
  const records = await lastRecords(log, ranges, REJECTED);
  const ours = records.flatMap((own) => counting(own.filter(({ headers }) => headers.has(HASH))));
  const named = ours.filter(({ headers }) => headers.has('symbol'));
  return Map.groupBy(named, ({ headers }) => String(headers.get('symbol')));
}

async function readTails(log: RecordLog, ranges: readonly PartitionRange[], depth: number): Promise<Tail[]> {
  const records = await lastRecords(log, ranges, depth);
  return ranges.map((range, i) => ({ range, records: records[i]! }));
}

const newestEpoch = (tails: readonly Tail[], atLeast: number): number =>
  tails.reduce(
    (most, { records }) => records.reduce((m, { headers }) => Math.max(m, epochOf(headers) ?? 0), most),
    atLeast,
  );

/** Whether records before those that were read may decide which of these count. */
function isUnclear({ range, records }: Tail, newest: number): boolean {
  const [first] = records;
  if (first === undefined || first.offset <= range.earliest || records.length >= DEPTHS.at(-1)!) return false;
  const last = records[records.length - 1]!;
  // A former holder that woke up late may have written all of these after records of a newer epoch.
  if ((epochOf(last.headers) ?? 0) < newest && !isLongBefore(first, newest)) return true;
  const back = new EpochFilter().lookBack(first);
  return back !== null && back.from < first.offset;
}

/** Whether a record was certainly in the log when the newest epoch began; one that was filled in bears the time of its publication. */
const isLongBefore = ({ timestamp, headers }: LogRecord, newest: number): boolean =>
  timestamp < newest - LONG_BEFORE_MS && !isFillInstance(headers.get('instance')?.toString() ?? '');

/** Of these records, those that count. */
function counting(records: readonly LogRecord[]): LogRecord[] {
  const filter = new EpochFilter();
  return records.filter((record, i) => {
    const back = filter.lookBack(record);
    if (back !== null)
      filter.begin(
        record,
        records.slice(0, i).filter(({ offset }) => offset >= back.from && offset < back.to),
      );
    return filter.takes(record);
  });
}

/** When the last gap of these was over that stayed open (epoch milliseconds). */
const lastJoined = (records: readonly LogRecord[]): number =>
  records.reduce((last, { headers }) => Math.max(last, Number(headers.get(JOINED)?.toString() ?? 0)), 0);

/** How many of the last records follow one another: none of them was received before the last gap, which was over at `joined`. */
function unbrokenIn(records: readonly LogRecord[], joined: number): number {
  const marked = records.findLastIndex(({ headers }) => headers.has(JOINED));
  const before = records.findLastIndex(({ timestamp }) => timestamp < joined);
  return before === records.length - 1 ? records.length : records.length - Math.max(0, marked, before + 1);
}

/** `joined`: when the last gap of the symbol was over that stayed open (epoch milliseconds). */
function endOf(symbol: string, all: readonly LogRecord[], joined: number): TapeEnd | null {
  const records = all.slice(-TAIL);
  const last = records[records.length - 1];
  if (last === undefined) return null;
  const parsed = parseTick(last.value ?? '', { symbol, receivedAt: null }, { allowNonPositive: true });
  const taken = [...sequencesIn(all)].map(([instance, numbers]) => [instance, Math.max(...numbers)] as const);
  return {
    hashes: records.map(hashOf),
    unbroken: unbrokenIn(records, joined),
    times: records.map(({ timestamp }) => timestamp),
    receivedAt: last.timestamp,
    lastTs: 'tick' in parsed ? parsed.tick.ts : null,
    taken: new Map(taken),
    lastBy: last.headers.get('instance')?.toString() ?? null,
  };
}

function hashOf({ headers, value }: LogRecord): number {
  const written = headers.get(HASH);
  return written === undefined ? payloadHash(value ?? Buffer.alloc(0)) : Number(written.toString());
}

/** Gaps of ticks received by `pattern` that the log was told of, as they stand now. */
export async function readGaps(log: RecordLog, pattern: string): Promise<GapRecord[]> {
  const newest = new Map<string, GapRecord>();
  const ranges = await log.ranges([GAPS_TOPIC]);
  for (const { topic, partition, earliest, end } of ranges) {
    for (let from = earliest; from < end; ) {
      const [page] = await log.read([{ topic, partition, from, max: Math.min(READ, end - from) }]);
      const last = page?.[page.length - 1];
      if (page === undefined || last === undefined) break;
      for (const { value } of page) {
        const gap = value === null ? null : parseGap(value);
        if (gap !== null) newest.set(gap.id, gap);
      }
      from = last.offset + 1;
    }
  }
  return [...newest.values()].filter((gap) => gap.pattern === pattern);
}

/** Which sequence numbers of each instance stand among the last `depth` records of each partition of topics, by topic. */
export async function lastSequences(
  log: RecordLog,
  topics: readonly string[],
  depth: number,
): Promise<Map<string, Map<string, Set<number>>>> {
  const found = new Map<string, Map<string, Set<number>>>();
  const byTopic = [...Map.groupBy(await log.ranges(topics), ({ topic }) => topic)];
  for (let i = 0; i < byTopic.length; i += GROUP) {
    const group = byTopic.slice(i, i + GROUP);
    const records = (
      await lastRecords(
        log,
        group.flatMap(([, ranges]) => ranges),
        depth,
      )
    ).flat();
    for (const [topic, own] of Map.groupBy(records, (record) => record.topic)) found.set(topic, sequencesIn(own));
  }
  return found;
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

/** The last `depth` records before the end of each of these ranges. */
async function lastRecords(log: RecordLog, ranges: readonly PartitionRange[], depth: number): Promise<LogRecord[][]> {
  const found: LogRecord[][] = ranges.map(() => []);
  let open = ranges.map(({ topic, partition, earliest, end }, i) => ({
    request: { topic, partition, from: Math.max(earliest, end - depth), max: depth },
    end,
    into: found[i]!,
  }));
  for (;;) {
    open = open.filter(({ request, end }) => request.from < end);
    if (open.length === 0) return found;
    const pages = await log.read(open.map(({ request }) => request));
    open = open.map(({ request, end, into }, i) => {
      const page = pages[i]!;
      // What was written since the end was asked for is not known of.
      into.push(...page.filter(({ offset }) => offset < end));
      const from = page.length === 0 ? end : page[page.length - 1]!.offset + 1;
      return { request: { ...request, from }, end, into };
    });
  }
}
