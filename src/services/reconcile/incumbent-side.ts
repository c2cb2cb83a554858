import { barStream } from '../../domain/bar/bar-topics.ts';
import { MINUTE } from '../../domain/base/timeframe.ts';
import { gapsStream, parseGap } from '../../domain/gap/gap.ts';
import { type SideBar, settledBars } from '../../domain/parity/parity-bar.ts';
import type { TapedTick } from '../../domain/parity/parity-tape.ts';
import {
  parseOlderBars,
  parseStreamBar,
  type ReadBar,
  type ReadBars,
  readBar,
  readBars,
  startOfEntry,
} from '../../domain/parity/side-bars.ts';
import { REJECTED_STREAM } from '../../domain/tape/rejected.ts';
import type { Entry, EntryStream } from '../../ports/entry-stream.ts';
import type { KeyValue } from '../../ports/key-value.ts';
import { entriesOf, GrowingStream } from './growing-stream.ts';
import { MinuteTicks } from './minute-ticks.ts';
import { sideReadings } from './side-readings.ts';
import type { NamedLate, SideSource } from './side-source.ts';

export interface IncumbentSideOptions {
  /** `stream:bar`: bars are read from `<prefix>:1m:<SYMBOL>`. */
  readonly streams: string;
  /** Key of the older form, with `<SYMBOL>` in it; read where the stream has nothing. Null: never. */
  readonly olderKey: string | null;
  /** `v2`: ticks are in `v2:ticks:<SYMBOL>` or `v2:ticks:l1`. */
  readonly tickPrefix: string;
  /** Symbols that may trade at or below zero. */
  readonly nonPositive: (symbol: string) => boolean;
}

/** When an entry was written, in epoch milliseconds. */
interface At {
  readonly at: number;
}
type Written = At & { readonly bar: SideBar };

/** How far around a minute its ticks are looked for: a tick may come late, and the bars of a replay come close together. */
const AROUND_MS = 60 * MINUTE;
const MARGIN_MS = 10_000;
/** Entries at the end of a stream that may be corrections, or were written again after a crash. */
const REWRITTEN = 100;

/** The Redis path. */
export function incumbentSide(streams: EntryStream, keys: KeyValue, options: IncumbentSideOptions): SideSource {
  const name = (symbol: string): string => barStream(options.streams, symbol, '1m');
  const olderBars = async (symbol: string): Promise<ReadBars> => {
    const key = options.olderKey?.replaceAll('<SYMBOL>', symbol) ?? null;
    const older = key === null ? null : await keys.get(key);
    return older === null ? { bars: [], unreadable: [] } : parseOlderBars(symbol, older, key!);
  };
  const readings = {
    bars: (symbol: string) => new GrowingStream(streams, name(symbol), (entry) => readEntry(symbol, entry)),
    barOf: (read: ReadBar) => ('bar' in read ? read.bar : null),
    gaps: () =>
      new GrowingStream(streams, gapsStream(options.streams), ({ fields: { j } }) =>
        j === undefined ? null : parseGap(j),
      ),
    late: () => new GrowingStream(streams, REJECTED_STREAM, readLate),
  };
  return {
    async symbols() {
      return (await streams.streams(name('*'))).map((stream) => stream.slice(name('').length));
    },
    async has(symbol) {
      return (await streams.newest(name(symbol), 1)).length > 0 || (await olderBars(symbol)).bars.length > 0;
    },
    async newest(symbol, minutes) {
      const entries = await streams.newest(name(symbol), minutes + REWRITTEN);
      const read = entries.toReversed().map((entry) => readEntry(symbol, entry));
      const { bars } = entries.length > 0 ? readBars(read) : await olderBars(symbol);
      return settledBars(bars).slice(-minutes);
    },
    ...sideReadings(readings, async (symbol, read) => {
      const written = read.flatMap((each) => ('bar' in each ? each : []));
      const { bars, unreadable } = readBars(read);
      if (bars.length === 0) {
        const older = await olderBars(symbol);
        bars.push(...older.bars);
        unreadable.push(...older.unreadable);
      }
      return { bars, unreadable, ticksOf: (minutes) => readTicks(streams, symbol, minutes, written, options) };
    }),
  };
}

const msOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

function readEntry(symbol: string, { stream, id, fields }: Entry): ReadBar & At {
  const read = readBar(
    () => `${stream} ${id}`,
    () => parseStreamBar(symbol, fields),
    () => startOfEntry(fields),
  );
  return { ...read, at: msOf(id) };
}

function readLate({ fields }: Entry): NamedLate | null {
  const field = (name: string): string => fields[name]?.toString() ?? '';
  if (field('reason') !== 'tick.late') return null;
  return { symbol: field('symbol'), source: field('source'), ts: Number(field('ts')) };
}

async function readTicks(
  streams: EntryStream,
  symbol: string,
  minutes: readonly number[],
  written: readonly Written[],
  { tickPrefix, nonPositive }: IncumbentSideOptions,
): Promise<Map<number, TapedTick[]>> {
  if (minutes.length === 0) return new Map();
  const stream = await tickStream(streams, tickPrefix, symbol);
  if (stream === null) return new Map();
  const ticks = new MinuteTicks(symbol, minutes, nonPositive(symbol));
  for (const [from, to] of stretches(minutes, written)) {
    for await (const { id, fields } of entriesOf(streams, stream, from, to)) {
      const { j } = fields;
      if (j === undefined || (fields.symbol !== undefined && fields.symbol.toString() !== symbol)) continue;
      ticks.take(j, msOf(id), () => `${stream} ${id}`);
    }
  }
  return ticks.withoutCutOff(false);
}

async function tickStream(streams: EntryStream, prefix: string, symbol: string): Promise<string | null> {
  for (const stream of [`${prefix}:ticks:${symbol}`, `${prefix}:ticks:l1`])
    if ((await streams.newest(stream, 1)).length > 0) return stream;
  return null;
}

/** The stretches of entry ids in which the ticks of these minutes are, by when the bars around them were written. */
function stretches(minutes: readonly number[], written: readonly Written[]): [string, string][] {
  const found: [number, number][] = [];
  for (const minute of [...minutes].sort((a, b) => a - b)) {
    const before = written.findLast(({ bar }) => bar.start < minute - AROUND_MS)?.at;
    const after = written.find(({ bar }) => bar.start > minute + AROUND_MS)?.at;
    const [from, to] = [before === undefined ? 0 : before - MARGIN_MS, (after ?? Number.POSITIVE_INFINITY) + MARGIN_MS];
    const last = found.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found.map(([from, to]) => [String(Math.max(0, from)), Number.isFinite(to) ? String(to) : '+']);
}
