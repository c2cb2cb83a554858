import type { IndicatorOptions } from '../../domain/analysis/indicator-options.ts';
import type { EnrichedTick } from '../../domain/enrichment/enriched-tick.ts';
import type { Cell, CellKind, Column, Row } from '../../ports/row-file.ts';

/** Enriched ticks as a table. */
export interface EnrichedTable {
  readonly columns: readonly Column[];
  /** `entry`: the place of the tick in its file, from 1 on; ticks that cannot be used have one too. */
  row(entry: number, tick: EnrichedTick): Row;
}

const TICK: readonly Column[] = [
  { name: 'entry', kind: 'integer' },
  { name: 'symbol', kind: 'text' },
  { name: 'ts', kind: 'timestamp' },
  { name: 'price', kind: 'number' },
  { name: 'bid', kind: 'number' },
  { name: 'ask', kind: 'number' },
  { name: 'volume', kind: 'decimal' },
];

/** What a tick's readings hold; those of the publisher only where it said them, `late` only where it is so. */
const READINGS: readonly Column[] = [
  { name: 'mid', kind: 'number' },
  { name: 'spread', kind: 'number' },
  { name: 'spread_bps', kind: 'number' },
  { name: 'flags', kind: 'list' },
  { name: 'direction', kind: 'integer' },
  { name: 'log_return', kind: 'number' },
  { name: 'volatility', kind: 'number' },
  { name: 'order_flow_imbalance', kind: 'number' },
  { name: 'vpin', kind: 'number' },
  { name: 'effective_spread', kind: 'number' },
  { name: 'realized_spread', kind: 'number' },
  { name: 'price_impact', kind: 'number' },
  { name: 'kyle_lambda', kind: 'number' },
  { name: 'liquidity_score', kind: 'number' },
  { name: 'toxicity_score', kind: 'number' },
  { name: 'session', kind: 'text' },
  { name: 'side', kind: 'text', omit: null },
  { name: 'id', kind: 'text', omit: null },
  { name: 'seq', kind: 'number', omit: null },
  { name: 'late', kind: 'boolean', omit: false },
];

/** The table of enriched ticks; the indicators of the last settled bar have a column each, `bar_rsi` and so on. */
export function enrichedTable(options: IndicatorOptions): EnrichedTable {
  const indicators = indicatorsOf(options);
  const nothing: Row = indicators.map(() => null);
  // The same text for all ticks of a minute.
  let text = 'null';
  let cells = nothing;
  return {
    columns: [
      ...TICK,
      ...READINGS,
      ...indicators.map(({ name, kind }) => ({
        name: name === 'bar' ? 'bar_start' : `bar_${name}`,
        kind,
        nested: { object: 'indicators', name },
      })),
    ],
    row(entry, tick) {
      if (tick.indicators !== text) {
        text = tick.indicators;
        const found = JSON.parse(text) as Cells | null;
        cells = found === null ? nothing : indicators.map(({ name }) => found[name] ?? null);
      }
      const { symbol, ts, price, bid, ask, volume } = tick;
      const readings = JSON.parse(tick.readings) as Cells;
      return [
        entry,
        symbol,
        ts,
        price,
        bid,
        ask,
        volume,
        ...READINGS.map(({ name, omit = null }) => readings[name] ?? omit),
        ...cells,
      ];
    },
  };
}

type Cells = Readonly<Record<string, Cell | undefined>>;

/** The indicators that an enriched tick has of the last settled bar, in their order. */
function indicatorsOf({ averages }: IndicatorOptions): { readonly name: string; readonly kind: CellKind }[] {
  const numbers = (...names: readonly string[]) => names.map((name) => ({ name, kind: 'number' as const }));
  const texts = (...names: readonly string[]) => names.map((name) => ({ name, kind: 'text' as const }));
  const periods = (name: string, each: readonly number[]) => numbers(...[...new Set(each)].map((n) => `${name}_${n}`));
  return [
    { name: 'bar', kind: 'timestamp' },
    ...numbers('close'),
    ...(averages.enabled ? [...periods('sma', averages.sma), ...periods('ema', averages.ema)] : []),
    ...numbers('rsi', 'macd', 'macd_signal', 'atr', 'adx', 'vwap'),
    ...texts('trend', 'volatility', 'structure'),
  ];
}
