import type { Published } from './book.ts';
import { followEpoch } from './epoch-rule.ts';
import type { Evidence, Fault } from './evidence.ts';
import { type Gap, liesOver, newestGaps, tells } from './gap-records.ts';
import type { KafkaRecord } from './kafka-reader.ts';

const TICKS = 'ticks.';

/** What became of the ticks of one run. */
export interface TickVerdict {
  readonly faults: Fault[];
  readonly published: number;
  /** Of the published ones, those that a reader that follows the epoch finds. */
  readonly inKafka: number;
  readonly inGaps: number;
  readonly rejected: number;
  /** Not known to be published, since Redis was gone before it answered, and not found. */
  readonly unsure: number;
  readonly lost: number;
  readonly doubled: number;
  /** Records that the epoch rule left out. */
  readonly leftOut: number;
  /** By symbol, what the reader keeps. */
  readonly kept: ReadonlyMap<string, readonly KafkaRecord[]>;
  /** Ticks that are not in Kafka. */
  readonly missing: ReadonlySet<Published>;
}

interface SymbolTally {
  readonly missing: Published[];
  readonly doubled: string[];
  readonly moved: string[];
  readonly foreign: string[];
}

/** Holds what was published against what is in Kafka. */
export function judgeTicks(evidence: Evidence): TickVerdict {
  const gaps = newestGaps(evidence.gaps);
  const kept = new Map<string, KafkaRecord[]>();
  let leftOut = 0;
  for (const [topic, records] of partitionsOf(evidence.ticks)) {
    const followed = followEpoch(records);
    leftOut += followed.late + followed.repeated;
    const symbol = topic.slice(TICKS.length);
    kept.set(symbol, [...(kept.get(symbol) ?? []), ...followed.kept]);
  }
  const rejects = rejectedPayloads(evidence.rejected);
  const published = bySymbol(evidence.published);
  const faults: Fault[] = [];
  const missing = new Set<Published>();
  const sums = { inKafka: 0, inGaps: 0, rejected: 0, unsure: 0, lost: 0, doubled: 0 };

  for (const symbol of new Set([...published.keys(), ...kept.keys()])) {
    const own = published.get(symbol) ?? [];
    const records = kept.get(symbol) ?? [];
    const tally = match(own, records);
    const say = (kind: string, payloads: readonly string[], what: string): void => {
      if (payloads.length > 0)
        faults.push({ kind, where: symbol, text: `${what}: ${examples(payloads)}`, count: payloads.length });
    };
    say('doubled', tally.doubled, 'twice in Kafka');
    say('order', tally.moved, 'not in the order in which they were published');
    say('bytes', tally.foreign, 'nobody published');
    sums.doubled += tally.doubled.length;
    sums.inKafka += own.length - tally.missing.length;
    const firstSeen = records.length === 0 ? null : Math.min(...bounded(records.map(({ timestamp }) => timestamp)));
    const lost: Published[] = [];
    const alike = groupedByPayload(own);
    for (const tick of tally.missing) {
      missing.add(tick);
      if (rejects.take(symbol, tick.payload)) sums.rejected += 1;
      // Of equal payloads it cannot be said which one is missing.
      else if (alike.get(tick.payload)!.some(({ unsure }) => unsure)) sums.unsure += 1;
      else if (gaps.some((gap) => alike.get(tick.payload)!.some((twin) => tells(gap, twin, firstSeen))))
        sums.inGaps += 1;
      else lost.push(tick);
    }
    sums.lost += lost.length;
    if (lost.length > 0) faults.push(lossOf(symbol, lost, gaps, records));
  }
  faults.push(...rejects.faults(evidence.mayBeRefused));
  return { faults, published: evidence.published.length, ...sums, leftOut, kept, missing };
}

/** Follows the records through the published ticks, of each publisher in order. */
function match(published: readonly Published[], records: readonly KafkaRecord[]): SymbolTally {
  const places = new Map<string, number[]>();
  published.forEach(({ payload }, i) => {
    const known = places.get(payload);
    if (known === undefined) places.set(payload, [i]);
    else known.push(i);
  });
  const taken = new Uint8Array(published.length);
  const next = new Map<number, number>();
  const tally: SymbolTally = { missing: [], doubled: [], moved: [], foreign: [] };
  for (const { value } of records) {
    const payload = value ?? '';
    const known = places.get(payload);
    if (known === undefined) {
      tally.foreign.push(payload);
      continue;
    }
    const free = known.filter((i) => taken[i] === 0);
    const inOrder = free.find((i) => i >= (next.get(published[i]!.publisher) ?? 0));
    const at = inOrder ?? free[0];
    if (at === undefined) tally.doubled.push(payload);
    else {
      taken[at] = 1;
      if (inOrder === undefined) tally.moved.push(payload);
      else next.set(published[at]!.publisher, at + 1);
    }
  }
  published.forEach((tick, i) => taken[i] === 0 && tally.missing.push(tick));
  return tally;
}

/** Ticks that are nowhere: with what gaps say of their moment, since that is what lies. */
function lossOf(
  symbol: string,
  lost: readonly Published[],
  gaps: readonly Gap[],
  records: readonly KafkaRecord[],
): Fault {
  const first = lost[0]!;
  const over = gaps.filter((gap) => lost.some((tick) => liesOver(gap, tick)));
  const said = over.map(
    ({ id, reason, status, filled, symbols }) =>
      `${id} ${reason} ${status} filled ${filled}, of ${symbol}: ${JSON.stringify(symbols[symbol] ?? null)}`,
  );
  const span = `${iso(first.sentAt)} to ${iso(lost.at(-1)!.sentAt)}`;
  const rest = records.length === 0 ? 'nothing of it is in Kafka' : `${records.length} records are in Kafka`;
  const text = `published ${span}, in no open gap (${rest}); gaps over that time: ${said.join(' | ') || 'none'}; ${examples(lost.map(({ payload }) => payload))}`;
  const lied = over.some(({ status }) => status === 'closed');
  return { kind: lied ? 'lost, gap says closed' : 'lost', where: symbol, text, count: lost.length };
}

/** The payloads that a mirror refused, each to be accounted for once. */
function rejectedPayloads(records: readonly KafkaRecord[]) {
  const left = new Map<string, number>();
  const reasons = new Map<string, Map<string, number>>();
  for (const { headers, value } of records) {
    if (headers.service !== 'mirror') continue;
    const symbol = (headers.source ?? '').slice(TICKS.length);
    const key = `${symbol} ${value}`;
    left.set(key, (left.get(key) ?? 0) + 1);
    const own = reasons.get(symbol) ?? new Map<string, number>();
    const why = headers.reason ?? '';
    reasons.set(symbol, own.set(why, (own.get(why) ?? 0) + 1));
  }
  return {
    take(symbol: string, payload: string): boolean {
      const key = `${symbol} ${payload}`;
      const count = left.get(key) ?? 0;
      if (count > 0) left.set(key, count - 1);
      return count > 0;
    },
    faults(mayBeRefused: ReadonlySet<string>): Fault[] {
      const faults: Fault[] = [];
      const twice = [...left].filter(([, count]) => count > 0);
      const sum = twice.reduce((all, [, count]) => all + count, 0);
      if (sum > 0)
        faults.push({
          kind: 'doubled',
          where: 'ticks.rejected',
          text: `rejected twice, or in their topic too: ${examples(twice.map(([key]) => key))}`,
          count: sum,
        });
      for (const [symbol, own] of reasons)
        for (const [why, count] of own)
          if (why === '' || !mayBeRefused.has(symbol))
            faults.push({
              kind: 'reject',
              where: symbol,
              text: `ticks that Kafka takes were rejected: ${why || 'no reason given'}`,
              count,
            });
      return faults;
    },
  };
}

function partitionsOf(records: readonly KafkaRecord[]): [topic: string, records: KafkaRecord[]][] {
  const found = new Map<string, KafkaRecord[]>();
  for (const record of records) {
    const key = `${record.topic}/${record.partition}`;
    const own = found.get(key);
    if (own === undefined) found.set(key, [record]);
    else own.push(record);
  }
  return [...found.values()].map((own) => [own[0]!.topic, own]);
}

const bySymbol = (ticks: readonly Published[]): Map<string, Published[]> => Map.groupBy(ticks, ({ symbol }) => symbol);
const groupedByPayload = (ticks: readonly Published[]): Map<string, Published[]> =>
  Map.groupBy(ticks, ({ payload }) => payload);
/** `Math.min` takes only so many arguments; the first records hold the earliest, give or take a repair. */
const bounded = (numbers: readonly number[]): readonly number[] => numbers.slice(0, 10_000);
const iso = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
const examples = (payloads: readonly string[]): string =>
  payloads.slice(0, 3).join(' ') + (payloads.length > 3 ? ` … ${payloads.at(-1)}` : '');
