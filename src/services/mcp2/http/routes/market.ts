import { z } from 'zod';
import { unifiedAnalysis } from '../../../../domain/analysis/unified-analysis.ts';
import type { Timeframe } from '../../../../domain/base/timeframe.ts';
import { entryId } from '../../../../domain/desk/entry-id.ts';
import { parityReading, servedBars, streamEntries } from '../../../../domain/desk/market-answers.ts';
import type { Endpoint } from '../../../../edge/endpoint.ts';
import type { Market } from '../../../../ports/desk.ts';
import { endpoint } from '../endpoint.ts';
import { count, name, symbol, timeframe, yesNo } from '../inputs.ts';

/** How streams are named. */
export interface StreamNames {
  tick(symbol: string): string;
  bar(timeframe: Timeframe, symbol: string): string;
}

const page = z.object({
  count: count(1, 1_000, 100),
  reverse: yesNo.describe('Oldest of them first'),
  before_id: entryId.optional().describe('Only entries before this one'),
});
type Page = z.output<typeof page>;

export const marketRoutes = (market: Market, names: StreamNames): Endpoint[] => {
  const newest = (stream: string, { count: most, reverse, before_id }: Page) =>
    market.entries(stream, most, reverse, before_id ?? null);
  const answers = {
    200: { about: 'Newest first, or oldest of them first where `reverse` is set', schema: streamEntries },
  };
  return [
    endpoint({
      method: 'GET',
      path: '/streams/:stream',
      access: 'read',
      tag: 'Market',
      summary: 'The newest entries of a stream',
      params: z.object({ stream: name(300).meta({ examples: ['v2:ticks:l1'] }) }),
      query: page,
      answers,
      run: ({ params, query }) => newest(params.stream, query),
    }),
    endpoint({
      method: 'GET',
      path: '/streams/tick/:symbol',
      access: 'read',
      tag: 'Market',
      summary: "The newest entries of a symbol's ticks",
      params: z.object({ symbol }),
      query: page,
      answers,
      run: ({ params, query }) => newest(names.tick(params.symbol), query),
    }),
    endpoint({
      method: 'GET',
      path: '/streams/bar/:timeframe/:symbol',
      access: 'read',
      tag: 'Market',
      summary: "The newest entries of a symbol's bars, as the incumbent wrote them",
      params: z.object({ timeframe, symbol }),
      query: page,
      answers,
      run: ({ params, query }) => newest(names.bar(params.timeframe, params.symbol), query),
    }),
    endpoint({
      method: 'GET',
      path: '/bars/:symbol',
      access: 'read',
      tag: 'Market',
      summary: 'The newest bars of the active source, oldest first',
      params: z.object({ symbol }),
      query: z.object({ count: count(1, 5_000, 100) }),
      answers: { 200: { about: 'The bars, and which source they are from', schema: servedBars } },
      failures: { 404: 'There are no bars of the symbol' },
      run: ({ params, query }) => market.bars(params.symbol, query.count),
    }),
    endpoint({
      method: 'GET',
      path: '/parity',
      access: 'read',
      tag: 'Market',
      summary: 'The gate, and the parity of the newest sessions',
      query: z.object({ symbol: symbol.optional().describe('Otherwise of all symbols') }),
      answers: { 200: { about: 'Gate, bar source and sessions', schema: parityReading } },
      run: ({ query }) => market.parity(query.symbol ?? null),
    }),
    endpoint({
      method: 'GET',
      path: '/analysis/:symbol',
      access: 'read',
      tag: 'Market',
      summary: 'The newest analysis of a symbol',
      params: z.object({ symbol }),
      query: z.object({ timeframe: timeframe.default('1m') }),
      answers: { 200: { about: 'The analysis of the newest closed bar', schema: unifiedAnalysis } },
      failures: { 404: 'There is none' },
      run: ({ params, query }) => market.analysis(params.symbol, query.timeframe),
    }),
  ];
};
