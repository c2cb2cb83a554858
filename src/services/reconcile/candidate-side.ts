import { barTopic } from '../../domain/bar/bar-topics.ts';
import { MINUTE } from '../../domain/base/timeframe.ts';
import { GAPS_TOPIC, parseGap } from '../../domain/gap/gap.ts';
import { type SideBar, settledBars } from '../../domain/parity/parity-bar.ts';
import type { TapedTick } from '../../domain/parity/parity-tape.ts';
import { parseTopicBar, type ReadBar, readBar, readBars, startOfKey } from '../../domain/parity/side-bars.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';
import { tickTopic } from '../../domain/tick/symbol.ts';
import type { LogRecord, RecordLog } from '../../ports/record-log.ts';
import { GrowingTopic } from './growing-topic.ts';
import { logPages } from './log-pages.ts';
import { MinuteTicks } from './minute-ticks.ts';
import { sideReadings } from './side-readings.ts';
import type { NamedLate, SideSource } from './side-source.ts';
import { tickPages } from './tick-pages.ts';

const BAR_TOPIC = /^bars\.(.+)\.1m$/;
/** How far around a minute its ticks are looked for, in bars: a tick may come late. */
const AROUND_MS = 60 * MINUTE;
/** Records at the end of a topic that may be corrections, or were written again after a crash. */
const REWRITTEN = 100;

/** The Kafka path. */
export function candidateSide(log: RecordLog, nonPositive: (symbol: string) => boolean): SideSource {
  const readings = {
    bars: (symbol: string) => new GrowingTopic(log, barTopic(symbol, '1m'), (record) => readRecord(symbol, record)),
    barOf: (read: ReadBar) => ('bar' in read ? read.bar : null),
    gaps: () => new GrowingTopic(log, GAPS_TOPIC, ({ value }) => (value === null ? null : parseGap(value))),
    late: () => new GrowingTopic(log, REJECTED_TOPIC, readLate),
  };
  return {
    async symbols() {
      return (await log.topics()).flatMap((topic) => BAR_TOPIC.exec(topic)?.[1] ?? []);
    },
    async has(symbol) {
      return (await log.ranges([barTopic(symbol, '1m')])).some(({ earliest, end }) => end > earliest);
    },
    async newest(symbol, minutes) {
      const bars: SideBar[] = [];
      for (const { topic, partition, earliest, end } of await log.ranges([barTopic(symbol, '1m')]))
        for await (const page of logPages(log, topic, partition, Math.max(earliest, end - minutes - REWRITTEN), end))
          for (const record of page) {
            const read = readRecord(symbol, record);
            if (read !== null && 'bar' in read) bars.push(read.bar);
          }
      return settledBars(bars).slice(-minutes);
    },
    ...sideReadings(readings, (symbol, read) => {
      const { bars, unreadable } = readBars(read);
      return { bars, unreadable, ticksOf: (minutes) => readTicks(log, symbol, minutes, bars, nonPositive(symbol)) };
    }),
  };
}

function readRecord(symbol: string, { topic, partition, offset, key, value }: LogRecord): ReadBar | null {
  if (value === null) return null;
  return readBar(
    () => `${topic}/${partition}@${offset}`,
    () => parseTopicBar(symbol, value),
    () => startOfKey(key),
  );
}

function readLate({ headers }: LogRecord): NamedLate | null {
  const header = (name: string): string => headers.get(name)?.toString() ?? '';
  if (header('reason') !== 'tick.late') return null;
  return { symbol: header('symbol'), source: header('source'), ts: Number(header('ts')) };
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
