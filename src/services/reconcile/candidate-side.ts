import { barTopic } from '../../domain/bar-topics.ts';
import { GAPS_TOPIC, type GapRecord, parseGap } from '../../domain/gap.ts';
import { type SideBar, settledBars } from '../../domain/parity-bar.ts';
import type { LateReject } from '../../domain/parity-cause.ts';
import type { TapedTick } from '../../domain/parity-tape.ts';
import { REJECTED_TOPIC } from '../../domain/rejected.ts';
import { parseTopicBar, type ReadBars, readInto } from '../../domain/side-bars.ts';
import { tickTopic } from '../../domain/symbol.ts';
import { MINUTE } from '../../domain/timeframe.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { logPages, recordsOf } from './log-pages.ts';
import { MinuteTicks } from './minute-ticks.ts';
import type { SideData, SideSource } from './side-source.ts';
import { tickPages } from './tick-pages.ts';

const BAR_TOPIC = /^bars\.(.+)\.1m$/;
/** How far around a minute its ticks are looked for, in bars: a tick may come late. */
const AROUND_MS = 60 * MINUTE;
/** Records at the end of a topic that may be corrections, or were written again after a crash. */
const REWRITTEN = 100;

/** The Kafka path. */
export function candidateSide(log: RecordLog, nonPositive: (symbol: string) => boolean): SideSource {
  return {
    async symbols() {
      return (await log.topics()).flatMap((topic) => BAR_TOPIC.exec(topic)?.[1] ?? []);
    },
    async has(symbol) {
      return (await log.ranges([barTopic(symbol, '1m')])).some(({ earliest, end }) => end > earliest);
    },
    async newest(symbol, minutes) {
      const found: ReadBars = { bars: [], unreadable: [] };
      for (const { topic, partition, earliest, end } of await log.ranges([barTopic(symbol, '1m')]))
        for await (const page of logPages(log, topic, partition, Math.max(earliest, end - minutes - REWRITTEN), end))
          for (const record of page) take(found, symbol, record);
      return settledBars(found.bars).slice(-minutes);
    },
    async read(symbol): Promise<SideData> {
      const { bars, unreadable } = await readBars(log, symbol);
      const [gaps, late] = [await readGaps(log, symbol), await readLate(log, symbol)];
      return {
        bars,
        gaps,
        late,
        unreadable,
        ticksOf: (minutes) => readTicks(log, symbol, minutes, bars, nonPositive(symbol)),
      };
    },
  };
}

async function readBars(log: RecordLog, symbol: string): Promise<ReadBars> {
  const found: ReadBars = { bars: [], unreadable: [] };
  for await (const record of recordsOf(log, barTopic(symbol, '1m'))) take(found, symbol, record);
  return found;
}

function take(found: ReadBars, symbol: string, { topic, partition, offset, value }: LogRecord): void {
  if (value === null) return;
  readInto(
    found,
    () => `${topic}/${partition}@${offset}`,
    () => parseTopicBar(symbol, value),
  );
}

async function readGaps(log: RecordLog, symbol: string): Promise<GapRecord[]> {
  const newest = new Map<string, GapRecord>();
  for await (const { value } of recordsOf(log, GAPS_TOPIC)) {
    const gap = value === null ? null : parseGap(value);
    if (gap !== null) newest.set(gap.id, gap);
  }
  return [...newest.values()].filter(({ symbols }) => Object.hasOwn(symbols, symbol));
}

/** A restart may refuse a tick again: its place tells that it is the same. */
async function readLate(log: RecordLog, symbol: string): Promise<LateReject[]> {
  const bySource = new Map<string, LateReject>();
  for await (const { headers } of recordsOf(log, REJECTED_TOPIC)) {
    const header = (name: string): string => headers.get(name)?.toString() ?? '';
    if (header('reason') === 'tick.late' && header('symbol') === symbol)
      bySource.set(header('source'), { ts: Number(header('ts')) });
  }
  return [...bySource.values()];
}

async function readTicks(
  log: RecordLog,
  symbol: string,
  minutes: readonly number[],
  bars: readonly SideBar[],
  allowNonPositive: boolean,
): Promise<Map<number, TapedTick[]>> {
  if (minutes.length === 0) return new Map();
  const topic = tickTopic(symbol);
  const ticks = new MinuteTicks(symbol, minutes, allowNonPositive);
  let whole = false;
  for (const range of await log.ranges([topic])) {
    const { partition, earliest, end } = range;
    for (const [from, to] of stretches(minutes, bars, earliest, end)) {
      whole ||= from === 0;
      for await (const page of tickPages(log, range, from, to))
        for (const { offset, value, timestamp } of page)
          if (value !== null) ticks.take(value, timestamp, () => `${topic}/${partition}@${offset}`);
    }
  }
  return ticks.withoutCutOff(whole);
}

/** The stretches [from, to) of offsets in which the ticks of these minutes are, by where the bars around them say they are from. */
function stretches(
  minutes: readonly number[],
  bars: readonly SideBar[],
  earliest: number,
  end: number,
): [number, number][] {
  const placed = bars.filter((b) => b.place !== null).sort((a, b) => a.start - b.start);
  const found: [number, number][] = [];
  for (const minute of [...minutes].sort((a, b) => a - b)) {
    const before = placed.findLast((b) => b.start < minute - AROUND_MS)?.place;
    const after = placed.find((b) => b.start > minute + AROUND_MS)?.place;
    const [from, to] = [Math.max(earliest, before ?? earliest), Math.min(end, (after ?? end) + 1)];
    const last = found.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}
