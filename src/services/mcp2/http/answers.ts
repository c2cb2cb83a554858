import { z } from 'zod';
import { unifiedAnalysis } from '../../../domain/analysis/unified-analysis.ts';
import { indexedDocument, listedDocument, storedDocument } from '../../../domain/desk/document.ts';
import { guidanceAnswer, modelInfo } from '../../../domain/desk/guidance-answer.ts';
import { parityReading, servedBars, streamEntries } from '../../../domain/desk/market-answers.ts';
import { searchPage } from '../../../domain/desk/search-page.ts';
import { trade } from '../../../domain/desk/trade.ts';
import { answerSchemas } from '../../../edge/named-schemas.ts';

/** Names of the answers of the desk in the API description, and the answers that HTTP alone has. They document; what is sent is what the desk gave. */

answerSchemas
  .add(trade, { id: 'Trade' })
  .add(searchPage, { id: 'SearchPage' })
  .add(indexedDocument, { id: 'IndexedDocument' })
  .add(storedDocument, { id: 'StoredDocument' });

export const documentList = z
  .object({ documents: z.array(listedDocument) })
  .register(answerSchemas, { id: 'DocumentList' });

answerSchemas.add(guidanceAnswer, { id: 'Guidance' });

export const models = z.object({ models: z.array(modelInfo) }).register(answerSchemas, { id: 'Models' });

answerSchemas
  .add(streamEntries, { id: 'StreamEntries' })
  .add(servedBars, { id: 'Bars' })
  .add(parityReading, { id: 'Parity' });

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
answerSchemas.add(unifiedAnalysis, { id: 'UnifiedAnalysis' });
