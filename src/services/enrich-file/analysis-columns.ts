import { type UnifiedAnalysis, unifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import type { Column, Row } from '../../ports/row-file.ts';

type Key = keyof UnifiedAnalysis;

const TEXTS: readonly Key[] = ['id', 'symbol', 'timeframe', 'timestamp', 'text'];
const KEYS = Object.keys(unifiedAnalysis.shape) as Key[];

/** Analyses as a table: as NDJSON each is what the topic of analyses carries. */
export const analysisColumns: readonly Column[] = KEYS.map((name) => ({
  name,
  kind: TEXTS.includes(name) ? 'text' : 'json',
  omit: null,
}));

export const analysisRow = (analysis: UnifiedAnalysis): Row =>
  analysisColumns.map(({ name, kind }) => {
    const value = analysis[name as Key];
    if (value === undefined) return null;
    return kind === 'text' ? (value as string) : JSON.stringify(value);
  });
