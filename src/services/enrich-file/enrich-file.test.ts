import { expect, test } from 'vitest';
import { enrichmentOptions } from '../../../test/support/enrichment-options.ts';
import { MemoryRowFile } from '../../../test/support/memory-row-file.ts';
import { ndjsonRow } from '../../../test/support/row-readers.ts';
import { defaultIndicators, type IndicatorOptions, indicatorOptions } from '../../domain/analysis/indicator-options.ts';
import { unifiedAnalysis } from '../../domain/analysis/unified-analysis.ts';
import { type Enriched, StreamEnricher } from '../../domain/enrichment/stream-enricher.ts';
import type { EnrichmentOptions } from '../../domain/enrichment/symbol-enricher.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { SourceTick, TickSource } from '../../ports/tick-source.ts';
import { analysisColumns } from './analysis-columns.ts';
import { enrichFile } from './enrich-file.ts';
import { enrichedTable } from './enriched-columns.ts';

const NINE = Date.UTC(2024, 0, 9, 9);

const optionsWith = (indicators: IndicatorOptions = defaultIndicators): EnrichmentOptions => ({
  ...enrichmentOptions('fx'),
  indicators,
});

const tick = (payload: object | string, symbol = 'EURUSD'): SourceTick => ({
  symbol,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
});

/** Half an hour of quotes and trades, a crossed quote and a late trade among them. */
const tape: readonly SourceTick[] = [
  ...Array.from({ length: 600 }, (_, i) => {
    const ts = NINE + i * 3_000;
    const price = 1.1 + Math.sin(i / 9) / 1_000;
    return i % 3 === 0
      ? tick({ ts, price, volume: `0.${i + 1}`, side: i % 2 === 0 ? 'buy' : 'sell', id: `t"${i}`, seq: i })
      : tick({ ts, bid: price, ask: i === 7 ? price - 0.0001 : price + 0.0001 });
  }),
  tick({ ts: NINE + 60_000, price: 1.1, volume: 1 }),
];

function sourceOf(...batches: readonly (readonly SourceTick[])[]): TickSource {
  return {
    name: 'tape',
    waitsFor: null,
    share: null,
    counts: { ticks: batches.flat().length, unroutable: new Map(), examples: [] },
    async *batches() {
      yield* batches;
    },
  };
}

async function ran(source: TickSource, options = optionsWith(), signal = new AbortController().signal) {
  const [rows, analyses] = [new MemoryRowFile(), new MemoryRowFile()];
  const table = enrichedTable(options.indicators);
  const found = await enrichFile({ source, rows, analyses, table }, options, signal);
  return { found, rows, analyses, table };
}

/** What the worker's enricher makes of the same ticks. */
const live = (ticks: readonly SourceTick[], options = optionsWith()): Enriched[] => {
  const enricher = new StreamEnricher('v2:ticks:l1', options);
  return ticks.map(({ symbol, payload }, i) =>
    enricher.take(`${i + 1}-0`, { j: payload, symbol: Buffer.from(symbol) }, null),
  );
};

const groups = indicatorOptions.parse({
  averages: { sma: [5, 10, 5], ema: [] },
  momentum: { enabled: false },
  trend: { enabled: false },
  vwap: { enabled: false },
  structure: { enabled: false },
});

test.each([
  ['every indicator', defaultIndicators],
  ['some averages, and groups switched off', groups],
  ['no averages', indicatorOptions.parse({ averages: { enabled: false } })],
])('with %s, a row holds all that the worker writes of its tick, and nothing else', async (_name, indicators) => {
  const options = optionsWith(indicators);
  const { rows, table, found } = await ran(sourceOf(tape.slice(0, 50), tape.slice(50)), options);
  const expected = live(tape, options).map((enriched, i) => {
    if ('rejection' in enriched) throw new Error(enriched.rejection.fault);
    const { symbol, ts, price, bid, ask, volume, readings, indicators: last } = enriched.row;
    return {
      ...{ entry: i + 1, symbol, ts, price, bid, ask, volume },
      ...(JSON.parse(readings) as object),
      indicators: JSON.parse(last) as object,
    };
  });
  expect(rows.rows).toEqual(expected.map((row) => ndjsonRow(row, table.columns)));
  // Names that the worker writes and no column has would be lost without a word.
  const names = table.columns.filter(({ nested }) => nested === undefined).map(({ name }) => name);
  expect(new Set(names)).toEqual(
    new Set(expected.flatMap((row) => Object.keys(row).filter((n) => n !== 'indicators'))),
  );
  const nested = table.columns.flatMap((column) => column.nested?.name ?? []);
  expect(nested).toEqual(Object.keys(expected.at(-1)!.indicators));
  expect(found).toMatchObject({ whole: true, rows: tape.length });
  expect([rows.ended, rows.rows.at(-1)![names.indexOf('late')]]).toEqual(['closed', true]);
});

test('the analyses are those of the worker; bars that are open at the end are analysed as they stand', async () => {
  const { analyses, found } = await ran(sourceOf(tape));
  const settled = live(tape).flatMap((enriched) => ('row' in enriched ? enriched.analyses : []));
  const written = analyses.rows.map((row) =>
    Object.fromEntries(
      analysisColumns.map(({ name, kind }, i) => [name, kind === 'json' ? JSON.parse(row[i] as string) : row[i]]),
    ),
  );
  expect(written.slice(0, settled.length)).toEqual(settled.map(({ payload }) => JSON.parse(JSON.stringify(payload))));
  const open = written.slice(settled.length).map((each) => unifiedAnalysis.parse(each));
  expect(open.map(({ timeframe, timestamp, extras }) => [timeframe, timestamp, extras.settled])).toEqual([
    ['1m', '2024-01-09T09:30:00.000Z', false],
    ['5m', '2024-01-09T09:30:00.000Z', false],
    ['15m', '2024-01-09T09:30:00.000Z', false],
    ['1h', '2024-01-09T10:00:00.000Z', false],
  ]);
  expect([found.analyses, analyses.ended]).toEqual([analyses.rows.length, 'closed']);
});

test('what cannot be used is counted by its reason, and the first are named; the rest goes on', async () => {
  const options = {
    ...optionsWith(),
    nonPositive: (symbol: string) => {
      if (symbol === 'DEFECT') throw new TypeError('x is not a function');
      return false;
    },
  };
  const ticks = [
    tick('{"ts":1704790800'),
    ...tape.slice(0, 3),
    tick({ ts: NINE, bid: 1.1 }),
    tick({ ts: NINE, price: -1 }),
    tick({ ts: NINE, price: 0 }),
    tick({ ts: NINE, price: 1 }, 'DEFECT'),
    ...tape.slice(3, 5),
  ];
  const { rows, found } = await ran(sourceOf(ticks), options);
  expect(rows.rows.map(([entry]) => entry)).toEqual([2, 3, 4, 9, 10]);
  expect([...found.unusable.byReason]).toEqual([
    ['tick.not-json', 1],
    ['tick.price.missing', 1],
    ['tick.price.non-positive', 2],
    ['entry.failed', 1],
  ]);
  expect(found.unusable.examples.map(({ place, reason }) => [place, reason])).toEqual([
    ['tick 1', 'tick.not-json'],
    ['tick 5', 'tick.price.missing'],
    ['tick 6', 'tick.price.non-positive'],
    ['tick 7', 'tick.price.non-positive'],
    ['tick 8', 'entry.failed'],
  ]);
});

test('nothing is left behind when it is told to stop', async () => {
  const stop = new AbortController();
  const source: TickSource = {
    ...sourceOf(),
    async *batches() {
      yield tape.slice(0, 100);
      stop.abort();
      yield tape.slice(100);
    },
  };
  const { rows, analyses, found } = await ran(source, optionsWith(), stop.signal);
  expect(found).toMatchObject({ whole: false, rows: 100 });
  expect([rows.ended, analyses.ended]).toEqual(['aborted', 'aborted']);
});

test.each(['rows', 'analyses', 'source'] as const)('nothing is left behind when the %s fail', async (failing) => {
  const failure = new PulseError('file.unwritable', { path: 'out.csv', reason: 'its disk is full' });
  const files = { rows: new MemoryRowFile(), analyses: new MemoryRowFile() };
  const whole = sourceOf(tape);
  const source: TickSource = {
    ...whole,
    async *batches(signal) {
      yield* whole.batches(signal);
      throw failure;
    },
  };
  if (failing !== 'source') files[failing].failure = failure;
  const table = enrichedTable(defaultIndicators);
  await expect(enrichFile({ ...files, source, table }, optionsWith(), new AbortController().signal)).rejects.toBe(
    failure,
  );
  expect([files.rows.ended, files.analyses.ended]).toEqual(['aborted', 'aborted']);
});
