import { expect, test } from 'vitest';
import { PulseError } from '../errors/errors.ts';
import { parseTick } from './tick-parser.ts';

const NOW = Date.UTC(2026, 10, 24, 10, 0, 30);
const origin = { symbol: 'EURUSD', receivedAt: NOW };
const strict = { allowNonPositive: false };

test.each`
  form                      | payload                                                                     | ts                   | price       | volume
  ${'epoch seconds'}        | ${'{"ts":1398920401.787,"price":1.5}'}                                      | ${1398920401787}     | ${1.5}      | ${'0'}
  ${'epoch milliseconds'}   | ${'{"ts":1398920401787,"price":1.5}'}                                       | ${1398920401787}     | ${1.5}      | ${'0'}
  ${'microseconds'}         | ${'{"ts":1398920401.787123,"price":1.5}'}                                   | ${1398920401787.123} | ${1.5}      | ${'0'}
  ${'ISO 8601'}             | ${'{"ts":"2014-05-01T05:00:01.787Z","price":1.5}'}                          | ${1398920401787}     | ${1.5}      | ${'0'}
  ${'ISO with an offset'}   | ${'{"ts":"2014-05-01T07:00:01.787+0200","price":1.5}'}                      | ${1398920401787}     | ${1.5}      | ${'0'}
  ${'ISO without a zone'}   | ${'{"ts":"2014-05-01 05:00:01.787","price":1.5}'}                           | ${1398920401787}     | ${1.5}      | ${'0'}
  ${'a quote'}              | ${'{"symbol":"EURUSD","ts":1398920401,"bid":1.38727,"ask":1.38729}'}        | ${1398920401000}     | ${1.38728}  | ${'0'}
  ${'last for price'}       | ${'{"ts":1398920401,"last":7}'}                                             | ${1398920401000}     | ${7}        | ${'0'}
  ${'mid for price'}        | ${'{"ts":1398920401,"mid":7.25}'}                                           | ${1398920401000}     | ${7.25}     | ${'0'}
  ${'price before last'}    | ${'{"ts":1398920401,"last":7,"price":8}'}                                   | ${1398920401000}     | ${8}        | ${'0'}
  ${'null price, a quote'}  | ${'{"ts":1398920401,"price":null,"bid":1,"ask":2}'}                         | ${1398920401000}     | ${1.5}      | ${'0'}
  ${'decimal text'}         | ${'{"ts":"1398920401.787","price":"61837.63000000","volume":"0.02000000"}'} | ${1398920401787}     | ${61837.63} | ${'0.02'}
  ${'exact volume'}         | ${'{"ts":1398920401,"price":1,"size":0.30000000000000004}'}                 | ${1398920401000}     | ${1}        | ${'0.30000000000000004'}
  ${'volume with exponent'} | ${'{"ts":1398920401,"price":1,"vol":1e-8}'}                                 | ${1398920401000}     | ${1}        | ${'0.00000001'}
  ${'tick_vol'}             | ${'{"ts":1398920401,"price":1,"tick_vol":3}'}                               | ${1398920401000}     | ${1}        | ${'3'}
`('reads $form', ({ payload, ts, price, volume }) => {
  expect(parseTick(payload, origin, strict)).toEqual({
    tick: expect.objectContaining({ symbol: 'EURUSD', ts, price, volume }),
  });
});

test('keeps side, id, seq and flags a crossed and a locked quote', () => {
  const crossed = parseTick(
    '{"ts":1398920401,"bid":1.3,"ask":1.2,"side":"buy","id":5266583935,"seq":7}',
    origin,
    strict,
  );
  expect(crossed).toEqual({
    tick: expect.objectContaining({ crossed: true, locked: false, side: 'buy', id: '5266583935', seq: 7 }),
  });
  const locked = parseTick('{"ts":1398920401,"bid":1.2,"ask":1.2}', origin, strict);
  expect(locked).toEqual({ tick: expect.objectContaining({ crossed: false, locked: true }) });
});

const bad: [string, string][] = [
  ['tick.not-json', ''],
  ['tick.not-json', 'EURUSD 1.38'],
  ['tick.not-json', '{"ts":1398920401,"price":1.5'],
  ['tick.not-json', '{"ts":1398920401,"price":NaN}'],
  ['tick.not-json', "{'ts':1398920401,'price':1.5}"],
  ['tick.not-json', '{"ts":1398920401,"price":01.5}'],
  ['tick.not-json', '{"ts":1398920401,"price":1.5,}'],
  ['tick.not-json', '\u0000\u0001\u0002'],
  ['tick.not-object', '[1398920401,1.5]'],
  ['tick.not-object', '1.5'],
  ['tick.not-object', 'null'],
  ['tick.not-object', '"EURUSD"'],
  ['tick.ts.missing', '{"price":1.5}'],
  ['tick.ts.missing', '{"ts":null,"price":1.5}'],
  ['tick.ts.invalid', '{"ts":"yesterday","price":1.5}'],
  ['tick.ts.invalid', '{"ts":"2014-13-45T99:00:00Z","price":1.5}'],
  ['tick.ts.invalid', '{"ts":true,"price":1.5}'],
  ['tick.ts.invalid', '{"ts":{"s":1},"price":1.5}'],
  ['tick.ts.absurd', '{"ts":0,"price":1.5}'],
  ['tick.ts.absurd', '{"ts":-1398920401,"price":1.5}'],
  ['tick.ts.absurd', '{"ts":1e30,"price":1.5}'],
  ['tick.ts.absurd', '{"ts":1398920401787000,"price":1.5}'],
  ['tick.ts.future', '{"ts":1795600000,"price":1.5}'],
  ['tick.price.missing', '{"ts":1398920401}'],
  ['tick.price.missing', '{"ts":1398920401,"bid":1.3}'],
  ['tick.price.missing', '{"ts":1398920401,"ask":1.3}'],
  ['tick.price.missing', '{"ts":1398920401,"price":null}'],
  ['tick.price.invalid', '{"ts":1398920401,"price":"n/a"}'],
  ['tick.price.invalid', '{"ts":1398920401,"price":1e999}'],
  ['tick.price.invalid', '{"ts":1398920401,"price":{"value":1,"text":"1"}}'],
  ['tick.price.invalid', '{"ts":1398920401,"bid":[1],"ask":2}'],
  ['tick.price.non-positive', '{"ts":1398920401,"price":0}'],
  ['tick.price.non-positive', '{"ts":1398920401,"price":-37.63}'],
  ['tick.price.non-positive', '{"ts":1398920401,"bid":-1,"ask":3}'],
  ['tick.volume.invalid', '{"ts":1398920401,"price":1,"volume":-1}'],
  ['tick.volume.invalid', '{"ts":1398920401,"price":1,"volume":"lots"}'],
  ['tick.volume.invalid', '{"ts":1398920401,"price":1,"volume":1e999}'],
  ['tick.symbol.illegal', '{"symbol":"EUR/USD","ts":1398920401,"price":1}'],
  ['tick.symbol.illegal', '{"symbol":"","ts":1398920401,"price":1}'],
  ['tick.symbol.illegal', '{"symbol":"rejected","ts":1398920401,"price":1}'],
  ['tick.symbol.illegal', '{"symbol":"EURUSD.dlq","ts":1398920401,"price":1}'],
  ['tick.symbol.illegal', '{"symbol":7,"ts":1398920401,"price":1}'],
  ['tick.symbol.mismatch', '{"symbol":"GBPUSD","ts":1398920401,"price":1}'],
];

test.each(bad)('refuses as %s: %s', (fault, payload) => {
  const parsed = parseTick(payload, origin, strict);
  expect(parsed).toEqual({ rejection: expect.objectContaining({ fault }) });
  if (!('rejection' in parsed)) throw new Error('not refused');
  const { message } = new PulseError(parsed.rejection.fault, parsed.rejection.evidence);
  expect(message).not.toContain('undefined');
});

test('a payload without symbol and channel names none', () => {
  expect(parseTick('{"ts":1398920401,"price":1}', { symbol: null, receivedAt: null }, strict)).toEqual({
    rejection: { fault: 'tick.symbol.missing', evidence: {} },
  });
});

test('an instrument may be allowed to trade below zero', () => {
  expect(parseTick('{"ts":1398920401,"price":-37.63}', origin, { allowNonPositive: true })).toEqual({
    tick: expect.objectContaining({ price: -37.63 }),
  });
});
