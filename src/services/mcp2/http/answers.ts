import { z } from 'zod';
import { unifiedAnalysis } from '../../../domain/analysis/unified-analysis.ts';
import { answerSchemas } from '../../../edge/named-schemas.ts';

/** Shapes of the answers. They document; what is sent is what the desk gave. */

answerSchemas.add(
  z.object({
    detail: z.string().describe('What went wrong, for people; X-Pulse-Error has the code, where it has one'),
  }),
  { id: 'Problem' },
);

answerSchemas.add(
  z.object({
    detail: z.array(
      z.object({
        loc: z
          .array(z.union([z.string(), z.number()]))
          .describe('Where: body, query, path or header, then the way to it'),
        msg: z.string(),
        type: z.string(),
      }),
    ),
  }),
  { id: 'Faults' },
);

const moment = z.iso.datetime().describe('ISO 8601, UTC, with milliseconds');

export const trade = z
  .object({ id: z.string(), received_at: moment, received_by: z.string(), payload: z.unknown() })
  .register(answerSchemas, { id: 'Trade' });

const rank = z.number().int().nullable();

export const searchPage = z
  .object({
    query: z.string(),
    corrected: z.string().nullable().describe('What was searched in place of a misspelled query'),
    mode: z.enum(['text', 'hybrid']),
    total: z.number().int(),
    results: z.array(
      z.object({
        id: z.string().describe('Of the document'),
        title: z.string(),
        url: z.string(),
        content: z.string().describe('The passage that fits best'),
        headings: z.array(z.string()),
        snippet: z.string().describe('HTML: the words stand between <mark> and </mark>, the rest is escaped'),
        score: z.number(),
        ranks: z
          .object({ text: rank, vector: rank })
          .describe('Place by each arm, from 1; null where it did not find it'),
      }),
    ),
  })
  .register(answerSchemas, { id: 'SearchPage' });

export const indexedDocument = z
  .object({ id: z.string(), chunks: z.number().int(), change: z.enum(['added', 'updated', 'unchanged']) })
  .register(answerSchemas, { id: 'IndexedDocument' });

const listed = {
  id: z.string(),
  title: z.string(),
  url: z.string(),
  format: z.enum(['markdown', 'text', 'html']),
  indexed_at: moment,
};
export const storedDocument = z
  .object({ ...listed, content: z.string() })
  .register(answerSchemas, { id: 'StoredDocument' });
export const documentList = z
  .object({ documents: z.array(z.object(listed)) })
  .register(answerSchemas, { id: 'DocumentList' });

const amount = z.number().nullable();
const nudge = z.object({
  name: z.string(),
  version: z.number(),
  hash: z.string().describe('SHA-256 of the nudge as data'),
  text: z.string(),
  why: z.string().describe('The facts on which it fired'),
});
const meta = z.object({
  id: z.string().describe('Of the call, by which it can be replayed'),
  endpoint: z.string(),
  version: z.string(),
  provider: z.string(),
  model: z.string(),
  prompt_hash: z.string(),
  nudges: z.array(nudge),
  stub: z.boolean().describe('Whether the rules answered in place of a model'),
  latency_ms: z.number(),
  tokens: z.object({ input: amount, output: amount }),
  cost_usd: amount,
  reused: z.boolean(),
  fallbacks: z.array(z.object({ model: z.string(), code: z.string(), reason: z.string() })),
});
export const guidance = z
  .object({ signal: z.string(), risk: z.string(), action: z.string(), journal: z.string(), meta })
  .register(answerSchemas, { id: 'Guidance' });

export const models = z
  .object({
    models: z.array(
      z.object({
        name: z.string(),
        provider: z.string(),
        model: z.string(),
        reachable: z.boolean(),
        detail: z.string().nullable().describe('Why it is not reachable, or what could not be told of it'),
      }),
    ),
  })
  .register(answerSchemas, { id: 'Models' });

export const superseded = z
  .object({ by: z.string(), since: z.string().nullable(), note: z.string() })
  .optional()
  .describe("Of the incumbent's bars, once readers were switched away from them: they are no longer the source");

export const streamEntries = z
  .object({
    stream: z.string(),
    superseded,
    entries: z.array(z.object({ id: z.string(), fields: z.record(z.string(), z.string()) })),
  })
  .register(answerSchemas, { id: 'StreamEntries' });

export const bars = z
  .object({
    symbol: z.string(),
    tf: z.string(),
    source: z.string().describe('redis: the incumbent; kafka: the candidate'),
    bars: z.array(
      z.object({
        ts: z.number().describe('Start, epoch seconds'),
        o: z.number(),
        h: z.number(),
        l: z.number(),
        c: z.number(),
        v: z.number(),
        n: z.number().nullable().describe('Ticks'),
      }),
    ),
  })
  .register(answerSchemas, { id: 'Bars' });

export const parity = z.record(z.string(), z.unknown()).register(answerSchemas, { id: 'Parity' });

export const health = z.looseObject({ status: z.literal('ok') }).register(answerSchemas, { id: 'Health' });
export const readiness = z
  .object({
    ready: z.boolean(),
    services: z.record(z.string(), z.object({ ready: z.boolean(), state: z.string(), detail: z.string() })),
  })
  .register(answerSchemas, { id: 'Readiness' });

export const tradeId = z.object({ id: z.string() }).register(answerSchemas, { id: 'TradeId' });
export const tradePage = z
  .object({ trades: z.array(trade), next: z.string().nullable() })
  .register(answerSchemas, { id: 'TradePage' });
export const analysis = unifiedAnalysis.register(answerSchemas, { id: 'UnifiedAnalysis' });
