import { expect, test } from 'vitest';
import { recordingJournal } from '../../../test/support/recording-journal.ts';
import { steppingClock } from '../../../test/support/stepping-clock.ts';
import { prometheusMetrics } from '../../adapters/metrics/prometheus.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { StoredAnalysis } from '../../stores/analyses.ts';
import { AnalysisOutbox } from './analysis-outbox.ts';
import type { EnrichmentNeeds } from './needs.ts';

test('what waits while the record log is away is told', async () => {
  const stored: StoredAnalysis[] = [{ symbol: 'EURUSD', timeframe: '1m', text: '{}' }];
  const stop = new AbortController();
  const metrics = prometheusMetrics();
  const away = new PulseError('log.unavailable', { at: 'localhost:9092', reason: 'no answer' });
  const outbox = new AnalysisOutbox(
    {
      analyses: {
        publish: async (_max: number, publish: (of: readonly StoredAnalysis[]) => Promise<void>) => {
          await publish(stored);
          return stored.splice(0).length;
        },
        unpublished: async () => stored.length,
      },
      log: {
        createTopics: async () => [],
        append: async () => {
          if (stored.length === 3) stop.abort();
          stored.push(stored[0]!);
          throw away;
        },
      },
      clock: steppingClock(0),
      metrics,
      journal: recordingJournal(),
    } as unknown as EnrichmentNeeds,
    'final-analysis-payloads',
  );
  await outbox.run(stop.signal);
  expect(outbox.waiting).toBe(4);
  expect(await metrics.text()).toMatch(/^pulse_enrichment_unpublished(\{.*\})? 4$/m);
});
