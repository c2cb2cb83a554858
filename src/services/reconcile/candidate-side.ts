import { parseBar } from '../../domain/bar-codec.ts';
import { barTopic } from '../../domain/bar-topics.ts';
import { PulseError } from '../../domain/errors.ts';
import { GAPS_TOPIC, type GapRecord, parseGap } from '../../domain/gap.ts';
import { type SideBar, sideBar } from '../../domain/parity-bar.ts';
import type { LateReject } from '../../domain/parity-cause.ts';
import type { TapedTick } from '../../domain/parity-tape.ts';
import { REJECTED_TOPIC } from '../../domain/rejected.ts';
import { tickTopic } from '../../domain/symbol.ts';
import { MINUTE } from '../../domain/timeframe.ts';
import type { RecordLog } from '../../ports/record-log.ts';
import { logPages, recordsOf } from './log-pages.ts';
import { MinuteTicks } from './minute-ticks.ts';
import type { SideData, SideSource, UnreadableBar } from './side-source.ts';

const BAR_TOPIC = /^bars\.(.+)\.1m$/;
/** How far around a minute its ticks are looked for, in bars: a tick may come late. */
const AROUND_MS = 60 * MINUTE;

/** The Kafka path. */
export function candidateSide(log: RecordLog, nonPositive: (symbol: string) => boolean): SideSource {
  return {
    async symbols() {
      return (await log.topics()).flatMap((topic) => BAR_TOPIC.exec(topic)?.[1] ?? []);
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

async function readBars(log: RecordLog, symbol: string): Promise<{ bars: SideBar[]; unreadable: UnreadableBar[] }> {
  const bars: SideBar[] = [];
  const unreadable: UnreadableBar[] = [];
  for await (const { topic, partition, offset, value } of recordsOf(log, barTopic(symbol, '1m'))) {
    if (value === null) continue;
    try {
      bars.push(sideBar(parseBar(value)));
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      unreadable.push({ place: `${topic}/${partition}@${offset}`, reason: error.message });
    }
  }
  return { bars, unreadable };
}

async function readGaps(log: RecordLog, symbol: string): Promise<GapRecord[]> {
  const newest = new Map<string, GapRecord>();
  for await (const { value } of recordsOf(log, GAPS_TOPIC)) {
    const gap = value === null ? null : parseGap(value);
    if (gap !== null) newest.set(gap.id, gap);
  }
  return [...newest.values()].filter(({ symbols }) => symbols[symbol] !== undefined);
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
  for (const { partition, earliest, end } of await log.ranges(topic)) {
    for (const [from, to] of stretches(minutes, bars, earliest, end)) {
      whole ||= from === 0;
      for await (const page of logPages(log, topic, partition, from, to))
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
