import { expect, test } from 'vitest';
import { MAX_LINE } from './line-splitter.ts';
import { TickLines } from './tick-lines.ts';

function read(
  text: string,
  { symbol = null, csv = false }: { symbol?: string | null; csv?: boolean } = {},
): TickLines & { out: string[] } {
  const lines = new TickLines({ name: 'ticks', symbol, csv });
  const out = [...lines.push(Buffer.from(text)), ...lines.finish()].map((tick) => `${tick.symbol} ${tick.payload}`);
  return Object.assign(lines, { out });
}

test.each`
  line                            | symbol      | out
  ${'{"symbol":"EURUSD","ts":1}'} | ${null}     | ${'EURUSD {"symbol":"EURUSD","ts":1}'}
  ${'{"symbol":"EURUSD","ts":1}'} | ${'GBPUSD'} | ${'EURUSD {"symbol":"EURUSD","ts":1}'}
  ${'{"ts":1, "price":  1.10}'}   | ${'EURUSD'} | ${'EURUSD {"ts":1, "price":  1.10}'}
  ${'{"symbol":null,"ts":1}'}     | ${'EURUSD'} | ${'EURUSD {"symbol":null,"ts":1}'}
  ${'{"symbol":"EURUSD","ts":'}   | ${null}     | ${'EURUSD {"symbol":"EURUSD","ts":'}
`('publishes $line as it is', ({ line, symbol, out }) => {
  expect(read(line, { symbol }).out).toEqual([out]);
});

test.each`
  line                                                      | symbol      | reason
  ${'{"ts":1}'}                                             | ${null}     | ${'tick.symbol.missing'}
  ${'{"symbol":"EUR/USD"}'}                                 | ${'EURUSD'} | ${'tick.symbol.illegal'}
  ${'{"symbol":"rejected"}'}                                | ${null}     | ${'tick.symbol.illegal'}
  ${'{"symbol":42}'}                                        | ${null}     | ${'tick.symbol.illegal'}
  ${'{"symbol":""}'}                                        | ${'EURUSD'} | ${'tick.symbol.illegal'}
  ${'hello'}                                                | ${'EURUSD'} | ${'tick.not-object'}
  ${'[1,2]'}                                                | ${'EURUSD'} | ${'tick.not-object'}
  ${`{"symbol":"EURUSD","note":"${'x'.repeat(MAX_LINE)}"}`} | ${null}     | ${'feed.line.too-long'}
`('cannot route $reason', ({ line, symbol, reason }) => {
  const lines = read(`{"symbol":"GBPUSD","ts":0}\n${line}\n{"symbol":"GBPUSD","ts":2}\n`, { symbol });
  expect([...lines.unroutable.byReason]).toEqual([[reason, 1]]);
  expect(lines.unroutable.examples[0]).toMatchObject({ reason, place: 'ticks:2' });
  expect(lines.out).toHaveLength(2);
});

test('a number that reads like the symbol before it is not that symbol', () => {
  const lines = read('{"symbol":"42"}\n{"symbol":42}\n');
  expect(lines.out).toEqual(['42 {"symbol":"42"}']);
});

test('every line that is not blank is a tick or counted, and only the first few are kept', () => {
  const bad = ['nonsense', '{"ts":1}', '{"symbol":"a b"}'];
  const text = Array.from({ length: 300 }, (_, i) =>
    i % 3 === 0 ? `{"symbol":"EURUSD","ts":${i}}` : i % 3 === 1 ? bad[i % bad.length === 0 ? 0 : (i % 7) % 3] : '',
  ).join('\n');
  const lines = read(text);
  const counted = [...lines.unroutable.byReason.values()].reduce((a, b) => a + b, 0);
  expect(lines.ticks).toBe(100);
  expect(counted).toBe(100);
  expect(lines.unroutable.examples).toHaveLength(5);
});

test('CSV rows become ticks after a header; rows that do not fit it are counted', () => {
  const lines = read('\nsymbol,ts,price\nEURUSD,1,1.10\nEURUSD,2\n\nGBPUSD,3,1.30\n', { csv: true });
  expect(lines.out).toEqual([
    'EURUSD {"symbol":"EURUSD","ts":1,"price":1.10}',
    'GBPUSD {"symbol":"GBPUSD","ts":3,"price":1.30}',
  ]);
  expect(lines.unroutable.examples).toMatchObject([{ reason: 'feed.line.columns', place: 'ticks:4' }]);
});
