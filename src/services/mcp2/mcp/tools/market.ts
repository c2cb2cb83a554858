import { z } from 'zod';
import { unifiedAnalysis } from '../../../../domain/analysis/unified-analysis.ts';
import { timeframes } from '../../../../domain/base/timeframe.ts';
import { entryId } from '../../../../domain/desk/entry-id.ts';
import { servedBars, streamEntries } from '../../../../domain/desk/market-answers.ts';
import { readOnly, tool } from '../tool.ts';

const symbolName = z.string().min(1).max(100).describe('As in ticks.<SYMBOL>, such as EURUSD');

const getBars = tool({
  name: 'get_bars',
  title: 'Price bars',
  description:
    'Returns the newest bars (open, high, low, close, volume) of a symbol from the active source, oldest first. For trend, structure and indicators use `get_analysis`.',
  scope: 'read',
  annotations: readOnly,
  input: z.object({ symbol: symbolName, count: z.number().int().min(1).max(1_000).default(60) }),
  output: servedBars,
  run: ({ symbol, count }, { desk }) => desk.market.bars(symbol, count),
});

const getAnalysis = tool({
  name: 'get_analysis',
  title: 'Newest analysis',
  description:
    'Returns the newest analysis of a symbol in one timeframe: trend, volatility, session, indicators, market structure, liquidity, Wyckoff phase, and how well they agree.',
  scope: 'read',
  annotations: readOnly,
  input: z.object({ symbol: symbolName, timeframe: z.enum(timeframes).default('1m') }),
  output: z.looseObject(unifiedAnalysis.shape),
  run: ({ symbol, timeframe }, { desk }) => desk.market.analysis(symbol, timeframe),
});

const getParity = tool({
  name: 'get_parity',
  title: 'Parity of the bars',
  description:
    'Returns how far the bars of both sources agree: the gate that decides on the switch, and the newest sessions, of one symbol or of all. Use it to judge whether bars can be trusted.',
  scope: 'read',
  annotations: readOnly,
  input: z.object({ symbol: symbolName.optional() }),
  output: z.looseObject({}),
  run: ({ symbol }, { desk }) => desk.market.parity(symbol ?? null),
});

const getStreamEntries = tool({
  name: 'get_stream_entries',
  title: 'Stream entries',
  description:
    'Returns the newest raw entries of a Redis Stream (ticks, bars, payloads), newest first. For older ones give the id of the last as before_id. `superseded` says that bars are no longer the source: then use `get_bars`.',
  scope: 'read',
  annotations: readOnly,
  input: z.object({
    stream: z.string().min(1).max(200).describe('Name of the stream, such as v2:ticks:EURUSD'),
    count: z.number().int().min(1).max(500).default(20),
    reverse: z.boolean().default(false).describe('Oldest of them first'),
    before_id: entryId.optional().describe('Only entries before the one of this id'),
  }),
  output: streamEntries,
  run: ({ stream, count, reverse, before_id }, { desk }) =>
    desk.market.entries(stream, count, reverse, before_id ?? null),
});

export const marketTools = [getBars, getAnalysis, getParity, getStreamEntries];
