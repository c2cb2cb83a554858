import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeWith } from '../../../test/support/needs.ts';
import { recordedBars } from '../../../test/support/recorded-bars.ts';
import { adx } from './adx.ts';
import { atr } from './atr.ts';
import { bollinger } from './bollinger.ts';
import { type Detector, type PriceBar, readings } from './detector.ts';
import { ema } from './ema.ts';
import { macd } from './macd.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { stochastic } from './stochastic.ts';
import { vwap } from './vwap.ts';

/** Made by scripts/talib-reference.py: of some bars in the fixtures, of all in the folder that PULSE_TEST_TALIB names. */
interface Reference {
  readonly set: string;
  readonly bars: number;
  /** The bar of each output's first value, counted from 0. */
  readonly first: Readonly<Record<string, number>>;
  /** The bars compared. */
  readonly at: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

const detectors = {
  sma_20: sma({ period: 20 }),
  ema_9: ema({ period: 9 }),
  ema_20: ema({ period: 20 }),
  ema_50: ema({ period: 50 }),
  ema_200: ema({ period: 200 }),
  rsi: rsi(),
  macd: macd(),
  atr: atr(),
  bollinger: bollinger(),
  adx: adx(),
  stochastic: stochastic(),
  vwap: vwap(),
};

const FOLDER = process.env.PULSE_TEST_TALIB ?? fileURLToPath(new URL('../../../test/fixtures/talib/', import.meta.url));
const references: Reference[] = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));

/** The readings of an output such as `rsi` or `macd.signal`. */
function output(name: string, bars: readonly PriceBar[]): (number | null)[] {
  const [indicator, field] = name.split('.') as [keyof typeof detectors, string | undefined];
  const all = readings(detectors[indicator] as Detector<unknown, unknown>, bars);
  return all.map((each) =>
    field === undefined ? each : ((each as Record<string, number> | null)?.[field] ?? null),
  ) as (number | null)[];
}

/** On a scale of their own, 0 to 1 or 0 to 100: what such a value means does not shrink near 0, so neither does the error allowed. */
const scaled = ['rsi', 'adx.adx', 'adx.plus_di', 'adx.minus_di', 'stochastic.k', 'stochastic.d', 'bollinger.percent_b'];

/** 1e-9 of the value; on a scale of its own, 1e-9 at least. */
const allowed = (name: string, value: number): number =>
  1e-9 * (scaled.includes(name) ? Math.max(1, Math.abs(value)) : Math.abs(value));

await describeWith('indicators agree with TA-Lib to 1e-9', { ticks: true }, () => {
  test.for(references)('$set', (reference) => {
    const bars = recordedBars(reference.set);
    expect(bars).toHaveLength(reference.bars);
    for (const [name, values] of Object.entries(reference.values)) {
      const ours = output(name, bars);
      expect(
        ours.findIndex((each) => each !== null),
        `first ${name}`,
      ).toBe(reference.first[name] ?? -1);
      const wrong = reference.at.flatMap((bar, i) => {
        const [own, expected] = [ours[bar]!, values[i]!];
        if (own === null || expected === null) return own === expected ? [] : [{ bar, own, expected }];
        return Math.abs(own - expected) <= allowed(name, expected) ? [] : [{ bar, own, expected }];
      });
      expect(wrong, name).toEqual([]);
    }
  });
});

test('four sets are compared, in every output that the detectors have', () => {
  expect(references).toHaveLength(4);
  for (const { values, at } of references) {
    expect(new Set(Object.keys(values).map((name) => name.split('.')[0]))).toEqual(new Set(Object.keys(detectors)));
    for (const series of Object.values(values)) expect(series).toHaveLength(at.length);
  }
});
