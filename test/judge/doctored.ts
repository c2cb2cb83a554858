import type { Published } from './book.ts';
import type { Evidence } from './evidence.ts';
import type { Gap } from './gap-records.ts';
import type { KafkaRecord } from './kafka-reader.ts';
import { minutesOf } from './minute-bars.ts';

/** A clean run of two symbols, for trials that plant a defect in it. */
export const T0 = Date.UTC(2024, 4, 2, 14, 30);
const EACH = 100;
const symbols = ['EURUSD', 'BTCUSD'];

export function cleanEvidence(): Mutable {
  const published = symbols.flatMap((symbol, publisher) =>
    Array.from({ length: EACH }, (_, i) => tick(symbol, publisher, i)),
  );
  const ticks = published.map((own, i) => record(own, i % EACH));
  return {
    published,
    ticks,
    rejected: [],
    gaps: [],
    bars: symbols.flatMap((symbol) => barRecords(symbol, published)),
    incumbentBars: symbols.flatMap((symbol) => streamBars(symbol, published)),
    incumbentGaps: [],
    happenings: [{ kind: 'begin', target: 'all', from: T0 - 5_000, to: T0 }],
    ends: [],
    askedEnds: [],
    mayBeRefused: new Set(),
    cutOffs: 0,
  };
}

export type Mutable = {
  -readonly [K in keyof Evidence]: Evidence[K] extends readonly (infer T)[] ? T[] : Evidence[K];
} & {
  bars: KafkaRecord[];
  incumbentBars: NonNullable<Evidence['incumbentBars']>[number][];
};

/** A tick a second, so that a hundred of them reach into a second minute. */
export function tick(symbol: string, publisher: number, i: number): Published {
  const ts = T0 + i * 1_000;
  const payload = `{"symbol":"${symbol}","ts":${ts},"price":${(100 + ((i * 7) % 13)).toFixed(2)},"volume":0.1,"seq":${i}}`;
  return { symbol, publisher, payload, ts, sentAt: ts, answeredAt: ts + 1, unsure: false };
}

export const record = ({ symbol, payload, sentAt }: Published, offset: number): KafkaRecord => ({
  topic: `ticks.${symbol}`,
  partition: 0,
  offset,
  timestamp: sentAt + 2,
  headers: { instance: 'mirror-a-1', seq: String(offset) },
  value: payload,
});

/** What one record of a topic holds in place of what it held. */
export const inPlace = (evidence: Mutable, at: number, value: string): void => {
  evidence.ticks[at] = { ...evidence.ticks[at]!, value };
};

export const gap = (fields: Partial<Gap>): string =>
  JSON.stringify({
    id: 'mirror-a-1-1',
    service: 'mirror',
    instance: 'mirror-a-1',
    reason: 'crash',
    pattern: 'ticks.*',
    from: T0 + 9_500,
    to: T0 + 12_500,
    status: 'open',
    filled: 0,
    symbols: {},
    ...fields,
  });

function barRecords(symbol: string, published: readonly Published[]): KafkaRecord[] {
  return minutes(symbol, published).map((bar, offset) => ({
    topic: `bars.${symbol}.1m`,
    partition: 0,
    offset,
    timestamp: bar.start,
    headers: {},
    value: `{"symbol":"${symbol}","tf":"1m","ts":${bar.start / 1000},"o":${bar.open},"h":${bar.high},"l":${bar.low},"c":${bar.close},"v":${bar.n / 10},"n":${bar.n},"rev":0,"digest":"0000000000000000","partial":false,"src":{"partition":0,"from":0,"to":${offset}}}`,
  }));
}

const streamBars = (symbol: string, published: readonly Published[]) =>
  minutes(symbol, published).map(({ start, open, high, low, close, n }) => ({
    symbol,
    fields: {
      ts: String(start / 1000),
      open: String(open),
      high: String(high),
      low: String(low),
      close: String(close),
      volume: String(n / 10),
      n: String(n),
      rev: '0',
    },
  }));

const minutes = (symbol: string, published: readonly Published[]) => [
  ...minutesOf(published.filter((own) => own.symbol === symbol).map(({ payload }) => payload)).values(),
];
