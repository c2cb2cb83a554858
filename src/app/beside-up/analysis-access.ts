import { z } from 'zod';
import type { UnifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import { type Timeframe, timeframes } from '../../domain/base/timeframe.ts';
import { type Endpoint, endpoint } from '../../edge/endpoint.ts';
import { type Analyses, openAnalyses } from '../../stores/analyses.ts';
import type { Runtime } from '../host/runtime.ts';
import { askUp } from './up-client.ts';

/** What is known of a chart: its newest analysis, or null; and the charts that have one. */
export interface NewestAnalysis {
  readonly analysis: UnifiedAnalysis | null;
  readonly charts: readonly { readonly symbol: string; readonly timeframe: string }[];
}

/** The newest analysis of a chart, from the command's own database, or from the `pulse up` which holds the embedded one. */
export async function newestAnalysis(runtime: Runtime, symbol: string, timeframe: Timeframe): Promise<NewestAnalysis> {
  const ask = await askUp(runtime);
  if (ask !== null) return ask(`/analysis/${encodeURIComponent(symbol)}?timeframe=${timeframe}`);
  return newestIn(await openAnalyses(await runtime.engines.database()), symbol, timeframe);
}

export async function newestIn(analyses: Analyses, symbol: string, timeframe: Timeframe): Promise<NewestAnalysis> {
  const [analysis = null] = await analyses.newest(symbol, timeframe, 1);
  return { analysis, charts: analysis === null ? await analyses.charts() : [] };
}

/** The path by which other commands reach the analyses of this process. */
export const analysisRoutes = (analyses: () => Promise<Analyses>): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/analysis/:symbol',
    access: 'any-key',
    tag: 'Commands',
    summary: 'The newest analysis of a chart',
    params: z.object({ symbol: z.string() }),
    query: z.object({ timeframe: z.enum(timeframes).default('1m') }),
    answers: { 200: { about: 'The analysis, or null, and the charts that have one' } },
    run: async ({ params, query }) => newestIn(await analyses(), params.symbol, query.timeframe),
  }),
];
