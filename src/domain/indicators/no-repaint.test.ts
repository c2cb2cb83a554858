import { describe, expect, test } from 'vitest';
import { expectNoRepaint } from '../../../test/support/detector-properties.ts';
import { describeWith } from '../../../test/support/needs.ts';
import { randomBars } from '../../../test/support/random-bars.ts';
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
import { trend } from './trend.ts';
import { volatilityRegime } from './volatility-regime.ts';
import { vwap } from './vwap.ts';

const subjects: readonly [name: string, detector: Detector<unknown, unknown>][] = [
  ['sma', sma()],
  ['ema', ema()],
  ['rsi', rsi()],
  ['macd', macd()],
  ['atr', atr()],
  ['bollinger', bollinger()],
  ['adx', adx()],
  ['stochastic', stochastic()],
  ['vwap', vwap()],
  ['volatility regime', volatilityRegime()],
  ['trend', trend()],
] as [string, Detector<unknown, unknown>][];

const bounds = { stateValues: 80 };

describe('on random bars', () => {
  test.for(subjects)('%s never repaints', ([name, detector]) => {
    for (const seed of ['calm', 'wild', 'third']) expectNoRepaint(name, detector, randomBars(seed, 700), bounds);
  });

  test.for(subjects)('%s never repaints within its first bars', ([name, detector]) => {
    expectNoRepaint(name, detector, randomBars('short', 30), bounds);
  });
});

await describeWith('on recorded bars', { ticks: true }, () => {
  describe.for(['EURUSD.oanda.2014-05', 'BTCUSDT-PERP.tardis.2020-02-22'])('%s', (set) => {
    test.for(subjects)('%s never repaints', ([name, detector]) => {
      expectNoRepaint(name, detector, recordedBars(set), bounds);
    });
  });
});

/** A detector of the newest close, with a defect. */
const flawed = (defect: Partial<Detector<number[], unknown>>): Detector<number[], unknown> => ({
  start: () => [],
  next: (closes, { close }) => [...closes.slice(-9), close],
  read: (closes) => closes.at(-1) ?? null,
  ...defect,
});

/** Counts bars outside of its state; from its start, or for ever. */
function counting(fromStart: boolean): Detector<number[], unknown> {
  let seen = 0;
  const start = () => ((seen = fromStart ? 0 : seen), []);
  return flawed({ start, read: () => seen, next: (closes) => (seen++, closes) });
}

/** Reads otherwise when it is asked again. */
function impatient(): Detector<number[], unknown> {
  let asked = 0;
  return flawed({ read: () => (asked++, asked % 7) });
}

test.each([
  ['remembers outside of its state for ever', 'reads what a batch reads', counting(false)],
  ['remembers outside of its state from its start', 'restored after', counting(true)],
  ['reads otherwise a second time', 'reads what a batch reads', impatient()],
  ['changes its state', 'object is not extensible', flawed({ next: (c, bar) => (c.push(bar.close), c) })],
  ['changes a bar', 'read only', flawed({ next: (c, bar) => (Object.assign(bar, { close: 1 }), c) })],
  ['keeps NaN', 'plain JSON', flawed({ next: () => [Number.NaN] })],
  ['keeps -0', 'plain JSON', flawed({ next: () => [-0] })],
  ['keeps undefined', 'plain JSON', flawed({ next: () => [undefined as never] })],
  ['keeps every bar', 'the state holds', flawed({ next: (c, { close }) => [...c, close] })],
] as const)('expectNoRepaint finds a detector that %s', (_, message, detector) => {
  expect(() => expectNoRepaint('flawed', detector, randomBars('flawed', 200))).toThrow(new RegExp(message));
});

test('a sound detector is none of these', () => {
  const bars: readonly PriceBar[] = randomBars('flawed', 200);
  expectNoRepaint('sound', flawed({}), bars);
  expect(readings(flawed({}), bars)).toHaveLength(200);
});
