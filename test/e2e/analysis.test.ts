import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { openTickFile } from '../../src/adapters/tick-file/tick-file.ts';
import { chart } from '../../src/domain/analysis/chart.ts';
import { defaultIndicators } from '../../src/domain/analysis/indicator-options.ts';
import { tradingCalendars } from '../../src/domain/calendar/trading-calendar.ts';
import { StreamEnricher } from '../../src/domain/enrichment/stream-enricher.ts';
import { expectNoRepaint } from '../support/detector-properties.ts';
import { enrichmentOptions } from '../support/enrichment-options.ts';
import { describeWith } from '../support/needs.ts';
import { recordedBars } from '../support/recorded-bars.ts';
import { tickSet } from '../support/tick-sets.ts';

const schema = (name: string): object =>
  JSON.parse(readFileSync(new URL(`../../docs/schemas/${name}.json`, import.meta.url), 'utf8')) as object;
const refuses = (name: string) => {
  const ajv = new Ajv2020({ allErrors: true, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ } });
  const validate = ajv.compile(schema(name));
  return (value: unknown): string | null => (validate(value) ? null : ajv.errorsText(validate.errors));
};

async function* entriesOf(set: string): AsyncGenerator<{ id: string; j: Buffer; ts: number }> {
  let n = 0;
  for await (const batch of (await openTickFile(tickSet(set).ticks)).batches(new AbortController().signal))
    for (const { payload } of batch) {
      const { ts } = JSON.parse(payload.toString()) as { ts: number };
      yield { id: `${1_700_000_000_000 + n}-0`, j: payload, ts: ts * 1_000 };
      n += 1;
    }
}

await describeWith('what is read of recorded markets', { ticks: true }, () => {
  test.each([
    'EURUSD.oanda.2014-05',
    'BTCUSDT.binance.2024-08-08_09',
    'BTCUSDT-PERP.tardis.2020-02-22',
  ])('no detector changes a reading of %s: prefixes, restarts and batches give the same to the last bit', {
    timeout: 300_000,
  }, (set) => {
    const calendar = tradingCalendars[set.startsWith('EUR') ? 'fx' : '24x7'];
    expectNoRepaint(set, chart(defaultIndicators, calendar), recordedBars(set), { stateValues: 4_000 });
  });

  test('five sessions of EURUSD: every analysis, and every payload of the first of them, is as docs/schemas say, and none comes twice', {
    timeout: 300_000,
  }, async () => {
    const sessions = tradingCalendars.fx.sessionsBetween(Date.UTC(2014, 4, 4), Date.UTC(2014, 4, 9, 20));
    expect(sessions).toHaveLength(5);
    const stream = new StreamEnricher('s', enrichmentOptions('fx'));
    const [analysisFault, payloadFault] = [refuses('analysis'), refuses('enriched-tick')];
    const ids = new Set<string>();
    let rows = 0;
    for await (const { id, j, ts } of entriesOf('EURUSD.fxcm.2014-05')) {
      if (ts < sessions[0]!.from) continue;
      const taken = stream.take(id, { j });
      if (!('row' in taken)) throw new Error(`refused: ${j.toString()}`);
      rows += 1;
      // Every payload of the first session; then each thousandth, for they have one form.
      if (ts < sessions[0]!.to || rows % 1_000 === 0) {
        const { readings, indicators } = taken.row;
        const payload: unknown = JSON.parse(`${readings.slice(0, -1)},"indicators":${indicators}}`);
        expect(payloadFault(payload)).toBeNull();
      }
      for (const { payload, settled } of taken.analyses) {
        expect(analysisFault(JSON.parse(JSON.stringify(payload)))).toBeNull();
        expect([settled, ids.has(payload.id!)]).toEqual([true, false]);
        ids.add(payload.id!);
      }
      // The first tick of the next week settles the last bars of this one.
      if (ts >= sessions[4]!.to + 62_000) break;
    }
    const minutes = recordedBars('EURUSD.fxcm.2014-05').filter(
      ({ start }) => start >= sessions[0]!.from && start < sessions[4]!.to,
    );
    for (const { start } of minutes) expect(ids).toContain(`EURUSD:1m:${start / 1_000}`);
    expect([...ids].filter((id) => id.startsWith('EURUSD:1m:')).length).toBe(minutes.length);
    expect(ids.has(`EURUSD:1h:${(sessions[0]!.from + 3_600_000) / 1_000}`)).toBe(true);
  });

  test('the schema refuses an analysis that lacks what it must have', () => {
    expect(refuses('analysis')({ symbol: 'EURUSD' })).toMatch(/timeframe/);
  });
});
