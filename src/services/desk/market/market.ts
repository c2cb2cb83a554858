import type { UnifiedAnalysis } from '../../../domain/analysis/unified-analysis.ts';
import { isIncumbentStream } from '../../../domain/bar/bar-topics.ts';
import type { Timeframe } from '../../../domain/base/timeframe.ts';
import { entryId, notAnEntry } from '../../../domain/desk/entry-id.ts';
import type { ServedBar, Superseded } from '../../../domain/desk/market-answers.ts';
import { PulseError } from '../../../domain/errors/errors.ts';
import { quotedPrice } from '../../../domain/instrument/price-text.ts';
import type { SideBar } from '../../../domain/parity/parity-bar.ts';
import { storable } from '../../../domain/search/document-text.ts';
import { isLegalSymbol } from '../../../domain/tick/symbol.ts';
import type { Market } from '../../../ports/desk.ts';
import type { EntryStream } from '../../../ports/entry-stream.ts';
import { notAStream } from '../not-a-stream.ts';

/** Bars where readers take them from, as things stand. */
export interface BarReading {
  /** `redis` or `kafka`. */
  readonly source: string;
  symbols(): Promise<string[]>;
  /** The bars of about the newest `minutes` minutes, settled, in order. */
  newest(symbol: string, minutes: number): Promise<SideBar[]>;
}

/** Which side readers of bars use, and when they were switched to it: null where they never were. */
export interface BarSwitch {
  readonly source: string;
  readonly switched: { readonly at: string } | null;
}

export interface MarketNeeds {
  streams(): Promise<EntryStream>;
  /** To be asked for each answer, too. */
  barSource(): Promise<BarSwitch>;
  /** To be asked for each answer: a promotion takes hold with the next one. */
  bars(): Promise<BarReading>;
  /** Gate and newest sessions, of one symbol or (null) all. */
  parity(symbol: string | null): Promise<Readonly<Record<string, unknown>>>;
  /** The newest one, or null; then `charts` has those of which there is one. */
  analysis(
    symbol: string,
    timeframe: Timeframe,
  ): Promise<{
    readonly analysis: UnifiedAnalysis | null;
    readonly charts: readonly { readonly symbol: string; readonly timeframe: string }[];
  }>;
}

/** How many names a message lists. */
const MOST_NAMES = 20;

/** What the tape holds, to be read. */
export function market({ streams, barSource, bars, parity, analysis }: MarketNeeds): Market {
  return {
    async entries(stream, count, reverse, beforeId) {
      if (beforeId !== null && !entryId.safeParse(beforeId).success) throw notAnEntry(beforeId);
      const newest = await (await streams()).newest(stream, count, beforeId ?? undefined).catch((error: unknown) => {
        throw notAStream(error, stream);
      });
      const entries = newest.map(({ id, fields }) => ({
        id,
        fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.toString()])),
      }));
      const superseded = isIncumbentStream(stream) ? supersededBy(await barSource()) : null;
      return { stream, ...(superseded !== null && { superseded }), entries: reverse ? entries.reverse() : entries };
    },
    async bars(symbol, count) {
      const reading = await bars();
      // What is no symbol has no topic either: asking Kafka for one would be refused.
      const found = isLegalSymbol(symbol) ? (await reading.newest(symbol, count)).slice(-count) : [];
      if (found.length === 0)
        throw new PulseError('symbol.unknown', { symbol, known: listed(await reading.symbols()) });
      return { symbol, tf: '1m', source: reading.source, bars: found.map(servedBar) };
    },
    async parity(symbol) {
      if (symbol !== null && !isLegalSymbol(symbol)) throw new PulseError('symbol.unknown', { symbol, known: '' });
      return parity(symbol);
    },
    async analysis(symbol, timeframe) {
      // A database takes no such text, not even to look for it.
      if (storable(symbol) !== symbol)
        throw new PulseError('analysis.none', { symbol, timeframe, near: null, known: null });
      const found = await analysis(symbol, timeframe);
      if (found.analysis !== null) return found.analysis;
      const known = found.charts.map((chart) => `${chart.symbol} ${chart.timeframe}`);
      throw new PulseError('analysis.none', { symbol, timeframe, near: null, known: listed(known) });
    },
  };
}

/** What who asks for the incumbent's bars directly must know, once readers were switched away from them. */
function supersededBy({ source, switched }: BarSwitch): Superseded | null {
  if (source === 'redis') return null;
  const since = switched?.at ?? null;
  const note = `these bars are no longer the source: readers take bars from ${source}${since === null ? '' : ` since ${since}`}; /bars/<symbol> and get_bars have those`;
  return { by: source, since, note };
}

const servedBar = ({ start, open, high, low, close, volume, n }: SideBar): ServedBar => ({
  ts: start / 1000,
  o: quotedPrice(open),
  h: quotedPrice(high),
  l: quotedPrice(low),
  c: quotedPrice(close),
  v: Number(volume),
  n,
});

const listed = (names: readonly string[]): string =>
  [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? [`and ${names.length - MOST_NAMES} more`] : [])].join(
    ', ',
  );
