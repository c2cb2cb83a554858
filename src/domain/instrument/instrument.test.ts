import { expect, test } from 'vitest';
import { isAsStrict } from '../parity/parity-tolerance.ts';
import { builtInFor, builtInRules } from './built-in.ts';
import { type InstrumentSettings, instrumentOf } from './instrument.ts';
import { instrumentTable } from './instrument-rule.ts';

const nothing = { table: [], settings: () => ({}) };
const withTable = (table: unknown, settings: InstrumentSettings = {}) => ({
  table: instrumentTable.parse(table),
  settings: () => settings,
});

test.each`
  symbol         | builtInRule      | base       | quote     | contractSize | priceIncrement | pip         | calendar
  ${'EURUSD'}    | ${'fx pair'}     | ${'EUR'}   | ${'USD'}  | ${100_000}   | ${'0.00001'}   | ${'0.0001'} | ${'fx'}
  ${'usd-jpy'}   | ${'fx pair'}     | ${'USD'}   | ${'JPY'}  | ${100_000}   | ${'0.001'}     | ${'0.01'}   | ${'fx'}
  ${'EUR_HUF'}   | ${'fx pair'}     | ${'EUR'}   | ${'HUF'}  | ${100_000}   | ${'0.001'}     | ${'0.01'}   | ${'fx'}
  ${'XAUUSD'}    | ${'metal'}       | ${'XAU'}   | ${'USD'}  | ${100}       | ${'0.01'}      | ${'0.1'}    | ${'fx'}
  ${'XAG.EUR'}   | ${'metal'}       | ${'XAG'}   | ${'EUR'}  | ${5_000}     | ${'0.001'}     | ${'0.01'}   | ${'fx'}
  ${'BTC-USD'}   | ${'crypto pair'} | ${'BTC'}   | ${'USD'}  | ${1}         | ${null}        | ${null}     | ${'24x7'}
  ${'ETHBTC'}    | ${'crypto pair'} | ${'ETH'}   | ${'BTC'}  | ${1}         | ${null}        | ${null}     | ${'24x7'}
  ${'WIFUSDT'}   | ${'crypto pair'} | ${'WIF'}   | ${'USDT'} | ${1}         | ${null}        | ${null}     | ${'24x7'}
  ${'1INCHUSDC'} | ${'crypto pair'} | ${'1INCH'} | ${'USDC'} | ${1}         | ${null}        | ${null}     | ${'24x7'}
  ${'AAPL'}      | ${null}          | ${null}    | ${null}   | ${null}      | ${null}        | ${null}     | ${'24x7'}
  ${'DOGE'}      | ${null}          | ${null}    | ${null}   | ${null}      | ${null}        | ${null}     | ${'24x7'}
  ${'EUREUR'}    | ${null}          | ${null}    | ${null}   | ${null}      | ${null}        | ${null}     | ${'24x7'}
`('$symbol: $builtInRule', ({ symbol, ...expected }) => {
  expect(instrumentOf(symbol, nothing)).toMatchObject(expected);
});

test('each built-in rule is about its example', () => {
  for (const { name, example } of builtInRules) expect(builtInFor(example)?.rule).toBe(name);
});

test('field by field the table comes first, then settings, then the built-in rule, then what the tape shows', () => {
  const table = [
    { symbols: 'EUR*', contractSize: 1_000, priceTolerance: '0.01%' },
    { symbols: '*', pip: 0.5, volumeIncrement: '1e-3' },
  ];
  const shown = { price: '0.01', volume: '0.1' };
  const settings = { pip: '0.0002', calendar: '24x7', volumeTolerance: { amount: '7' } } as const;
  const eurusd = instrumentOf('EURUSD', withTable(table, settings), shown);
  expect(eurusd).toMatchObject({
    tableRule: 'EUR*',
    contractSize: 1_000,
    pip: '0.0002',
    priceIncrement: '0.00001',
    volumeIncrement: '0.1',
    calendar: '24x7',
  });
  expect(eurusd.origins).toMatchObject({
    contractSize: 'table',
    pip: 'setting',
    priceIncrement: 'built-in',
    volumeIncrement: 'derived',
    priceTolerance: 'table',
    nonPositive: 'default',
  });
  expect(eurusd.tolerance).toEqual({ pipSize: 0.00001, priceTicks: 0, pricePercent: 0.01, volume: '7' });
  expect(instrumentOf('DAX', withTable(table), shown)).toMatchObject({
    pip: '0.5',
    volumeIncrement: '0.001',
    priceIncrement: '0.01',
  });
});

test.each`
  what                                            | settings                                | tolerance
  ${'one increment where nothing is said'}        | ${{}}                                   | ${{ pipSize: 0.00001, priceTicks: 1, volume: '0.01', volumeDerived: true }}
  ${'so many pips where pips are set'}            | ${{ pip: '0.0001', priceTicks: 2 }}     | ${{ pipSize: 0.0001, priceTicks: 2, volume: '0.01', volumeDerived: true }}
  ${'so many increments where only that is said'} | ${{ priceTicks: 3 }}                    | ${{ pipSize: 0.00001, priceTicks: 3, volume: '0.01', volumeDerived: true }}
  ${'a volume that is set'}                       | ${{ volumeTolerance: { amount: '1' } }} | ${{ pipSize: 0.00001, priceTicks: 1, volume: '1' }}
`('a tolerance is $what', ({ settings, tolerance }) => {
  const sources = { table: [], settings: () => settings };
  expect(instrumentOf('EURUSD', sources, { price: null, volume: '0.01' }).tolerance).toEqual(tolerance);
});

test('of a symbol of which nothing is known and nothing shown nothing is let go', () => {
  expect(instrumentOf('DAX', nothing).tolerance).toMatchObject({ priceTicks: 0, volume: '0', priceDerived: true });
});

test('one derived tolerance is as strict as another, and no configured one is stricter than it is', () => {
  const derived = (step: string) => instrumentOf('DAX', nothing, { price: step, volume: step }).tolerance;
  const set = instrumentOf('DAX', withTable([{ symbols: '*', priceTolerance: 0.01, volumeTolerance: 0 }])).tolerance;
  expect(isAsStrict(derived('0.1'), derived('0.001'))).toBe(true);
  expect(isAsStrict(derived('0.1'), set)).toBe(false);
  expect(isAsStrict(set, derived('0.001'))).toBe(false);
});

test.each`
  rule                                        | problem
  ${{ symbols: 'EUR/USD' }}                   | ${'a symbol pattern'}
  ${{ symbols: '*', pip: 0 }}                 | ${'a number above zero'}
  ${{ symbols: '*', priceIncrement: 'fine' }} | ${'a number above zero'}
  ${{ symbols: '*', priceTolerance: '-1' }}   | ${'a number from zero on'}
  ${{ symbols: '*', contractsize: 1 }}        | ${'Unrecognized key'}
  ${{ symbols: '*', quote: 'usd' }}           | ${'a code in capitals'}
`('a rule $rule is refused: $problem', ({ rule, problem }) => {
  expect(instrumentTable.safeParse([rule]).error?.issues[0]?.message).toContain(problem);
});
