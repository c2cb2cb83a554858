import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Shell } from '../../../test/support/command-line.ts';
import { systemClock } from '../../adapters/clock/system.ts';
import { pgliteDatabase } from '../../adapters/database/pglite.ts';
import type { BarAnalysis } from '../../domain/analysis/bar-analysis.ts';
import { openAnalyses } from '../../stores/analyses.ts';

const analysisOf = (symbol: string) =>
  ({ symbol, timeframe: '1m', start: 1_700_000_040_000, settled: true, payload: {} }) as unknown as BarAnalysis;

test('an analysis that is not there: the symbol that may have been meant, and what is stored', async () => {
  const shell = await Shell.open();
  onTestFinished(() => shell.close());
  await mkdir(shell.dataDir, { recursive: true });
  const database = await pgliteDatabase({ path: join(shell.dataDir, 'database'), clock: systemClock() });
  const analyses = await openAnalyses(database);
  await database.transaction((query) => analyses.insert(query, ['BTCUSDT', 'EURUSD'].map(analysisOf)));
  await database.close();
  for (const [asked, said] of [
    ['eurusd', 'eurusd 1m (did you mean EURUSD?)'],
    ['EURUSD --timeframe 4h', 'EURUSD 4h'],
  ] as const) {
    const { code, err } = await shell.run(['analyze', ...asked.split(' ')]);
    expect([code, err]).toEqual([66, `pulse: there is no analysis of ${said}; stored are: BTCUSDT 1m, EURUSD 1m\n`]);
  }
});
