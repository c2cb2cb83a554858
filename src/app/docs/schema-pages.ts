import { z } from 'zod';
import { indicatorOptions } from '../../domain/analysis/indicator-options.ts';
import { unifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import { enrichedPayload } from '../../domain/enrichment/enriched-payload.ts';
import { instrumentTable } from '../../domain/instrument/instrument-rule.ts';
import { strategyPayload } from '../../domain/trade/strategy-payload.ts';

const page = (schema: z.ZodType, io: 'input' | 'output'): string =>
  `${JSON.stringify(z.toJSONSchema(schema, { io }), null, 2)}\n`;

/** What others may read, what they may send, and the files of indicators and instruments, as JSON Schema. */
export const schemaPages = (): Readonly<Record<string, string>> => ({
  'docs/schemas/analysis.json': page(unifiedAnalysis, 'output'),
  'docs/schemas/enriched-tick.json': page(enrichedPayload, 'output'),
  'docs/schemas/indicators.json': page(indicatorOptions, 'input'),
  'docs/schemas/instruments.json': page(instrumentTable, 'input'),
  'docs/schemas/strategy-payload.json': page(strategyPayload, 'input'),
});
