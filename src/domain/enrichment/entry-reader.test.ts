import { expect, test } from 'vitest';
import { badTicks } from '../../../test/corpus/bad-ticks.ts';
import { parseTick } from '../tick/tick-parser.ts';
import { EntryReader } from './entry-reader.ts';

const AT = Date.UTC(2026, 10, 24, 10);
const reader = (): EntryReader => new EntryReader(() => false);
const bytes = (fields: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, Buffer.from(value)]));
const reasonOf = (fields: Readonly<Record<string, string>>): string => {
  const read = reader().read(bytes(fields), AT);
  return 'rejection' in read ? read.rejection.fault : 'usable';
};

test.each`
  fields                                                                                                               | tick
  ${{ j: '{"symbol":"EURUSD","ts":1700000000.5,"bid":1.1,"ask":1.2}' }}                                                | ${{ symbol: 'EURUSD', ts: 1_700_000_000_500, price: (1.1 + 1.2) / 2, bid: 1.1, ask: 1.2, volume: '0', side: null }}
  ${{ j: '{"ts":1700000000,"price":"60000.10","vol":"0.50"}', symbol: 'BTCUSDT' }}                                     | ${{ symbol: 'BTCUSDT', price: 60000.1, bid: null, volume: '0.5' }}
  ${{ symbol: 'BTCUSDT', ts: '1700000000000', price: '5', volume: '2', side: 'buy' }}                                  | ${{ symbol: 'BTCUSDT', ts: 1_700_000_000_000, price: 5, volume: '2', side: 'buy' }}
  ${{ j: '{"symbol":"X","ts":1700000000,"last":5,"id":77,"seq":3,"side":"S"}' }}                                       | ${{ id: '77', seq: '3', side: 'S' }}
  ${{ j: '{"symbol":"X","ts":1700000000,"price":5,"id":12345678901234567890,"seq":9007199254740993,"x":{"id":0.5}}' }} | ${{ id: '12345678901234567890', seq: '9007199254740993' }}
  ${{ symbol: 'X', ts: '1700000000', price: '5', id: '12345678901234567890', seq: '9007199254740993' }}                | ${{ id: '12345678901234567890', seq: '9007199254740993' }}
  ${{ j: '{"symbol":"X","ts":1700000000,"price":5,"seq":"A-7"}' }}                                                     | ${{ seq: null }}
  ${{ j: '{"symbol":"X","ts":1700000000,"price":5,"bid":0,"ask":0}' }}                                                 | ${{ price: 5, bid: null, ask: null }}
  ${{ j: '{"symbol":"X","ts":1700000000,"price":5,"bid":"4.9","ask":-1}' }}                                            | ${{ bid: 4.9, ask: null }}
`('reads $fields', ({ fields, tick }) => {
  expect(reader().read(bytes(fields), AT)).toMatchObject({ tick });
});

test('a side at or below 0 is a side where such prices are allowed', () => {
  const read = new EntryReader(() => true).read(
    bytes({ j: '{"symbol":"CL","ts":1700000000,"bid":-37.5,"ask":0}' }),
    AT,
  );
  expect(read).toMatchObject({ tick: { bid: -37.5, ask: 0, price: -18.75 } });
});

test.each`
  fields                                                            | reason
  ${{ j: '{"ts":1700000000,"price":5}' }}                           | ${'tick.symbol.missing'}
  ${{ j: '{"symbol":"A","ts":1700000000,"price":5}', symbol: 'B' }} | ${'tick.symbol.mismatch'}
  ${{ j: '{"symbol":5,"ts":1700000000,"price":5}' }}                | ${'tick.symbol.illegal'}
  ${{ j: '{"ts":1700000000,"price":5}', symbol: 'a/b' }}            | ${'tick.symbol.illegal'}
  ${{ j: '{"symbol":"rejected","ts":1700000000,"price":5}' }}       | ${'tick.symbol.illegal'}
  ${{ j: '' }}                                                      | ${'tick.not-json'}
  ${{ something: 'else' }}                                          | ${'tick.symbol.missing'}
  ${{ symbol: 'X' }}                                                | ${'tick.ts.missing'}
  ${{ j: `{"symbol":"X","ts":${AT / 1_000 + 600},"price":5}` }}     | ${'tick.ts.future'}
`('refuses $fields with $reason', ({ fields, reason }) => {
  expect(reasonOf(fields)).toBe(reason);
});

test('without a time of receipt no tick is too far ahead', () => {
  const fields = bytes({ j: `{"symbol":"X","ts":${AT / 1_000 + 600},"price":5}` });
  expect(reader().read(fields, null)).toHaveProperty('tick');
});

test('judges every tick of the corpus as the parser does', () => {
  for (const [, payload] of badTicks) {
    const parsed = parseTick(payload, { symbol: null, receivedAt: AT }, { allowNonPositive: false });
    const read = reader().read({ j: Buffer.from(payload) }, AT);
    expect('rejection' in read ? read.rejection.fault : 'usable', payload.toString()).toBe(
      'rejection' in parsed ? parsed.rejection.fault : 'usable',
    );
  }
});
