import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseTick } from '../../domain/tick/tick-parser.ts';
import { binance } from './binance-frames.ts';
import { coinbase } from './coinbase-frames.ts';
import type { ExchangeFormat } from './exchange-format.ts';
import { kraken } from './kraken-frames.ts';

const recorded = (name: string): string[] =>
  readFileSync(new URL(`../../../test/support/exchange-frames/${name}.ndjson`, import.meta.url), 'utf8')
    .trim()
    .split('\n');

/** Each frame's kind, with the payloads of its trades. */
const told = (format: ExchangeFormat, frames: readonly string[]): unknown[] =>
  frames.map((text) => {
    const frame = format.read(text);
    if (frame.kind === 'trades')
      return [frame.snapshot ? 'snapshot' : 'trades', ...frame.trades.map(({ payload }) => payload.toString())];
    return frame.kind === 'refused' ? [frame.kind, frame.reason] : frame.kind;
  });

test('binance: trades, bare and in the envelope, with the digits as they came', () => {
  expect(told(binance, recorded('binance'))).toEqual([
    'alive',
    [
      'trades',
      '{"symbol":"BTCUSDT","ts":1723161255.342,"price":61837.63000000,"volume":0.02000000,"side":"sell","id":"3735683259"}',
    ],
    [
      'trades',
      '{"symbol":"BTCUSDT","ts":1723161255.617,"price":61837.63000000,"volume":0.04800000,"side":"sell","id":"3735683260"}',
    ],
    [
      'trades',
      '{"symbol":"ETHUSDT","ts":1723161255.611,"price":2683.80000000,"volume":0.00200000,"side":"sell","id":"1520538925"}',
    ],
    [
      'trades',
      '{"symbol":"ETHUSDT","ts":1723161255.611,"price":2683.80000000,"volume":0.03450000,"side":"buy","id":"1520538926"}',
    ],
    'alive',
    [
      'trades',
      '{"symbol":"BTCUSDT","ts":1723161256.000,"price":61837.64000000,"volume":0.00010000,"side":"buy","id":"3735683261"}',
    ],
    'alive',
  ]);
});

test('coinbase: oldest first, the side of the taker, times to the microsecond', () => {
  expect(told(coinbase, recorded('coinbase'))).toEqual([
    'alive',
    [
      'snapshot',
      '{"symbol":"BTC-USD","ts":1723161254.500000,"price":61829.99,"volume":0.01,"side":"buy","id":"682120101"}',
      '{"symbol":"BTC-USD","ts":1723161254.998877,"price":61830.01,"volume":0.00350000,"side":"sell","id":"682120102"}',
    ],
    'alive',
    [
      'trades',
      '{"symbol":"BTC-USD","ts":1723161255.391,"price":61831,"volume":0.5,"side":"buy","id":"682120103"}',
      '{"symbol":"BTC-USD","ts":1723161255.391112,"price":61831.10,"volume":0.00021,"side":"buy","id":"682120104"}',
    ],
    [
      'trades',
      '{"symbol":"ETH-USD","ts":1723161256.123456,"price":2683.81,"volume":0.12345678,"side":"sell","id":"561300777"}',
    ],
    [
      'trades',
      '{"symbol":"BTC-USD","ts":1723161257,"price":61830.5,"volume":0.00000001,"side":"sell","id":"682120105"}',
    ],
  ]);
});

test('kraken: numbers keep their digits, the slash of a symbol becomes a dash', () => {
  expect(told(kraken, recorded('kraken'))).toEqual([
    'alive',
    'alive',
    [
      'snapshot',
      '{"symbol":"BTC-USD","ts":1723161253.000001,"price":61829.9,"volume":0.01000000,"side":"sell","id":"71234566"}',
      '{"symbol":"BTC-USD","ts":1723161254.100002,"price":61830.0,"volume":0.00213000,"side":"buy","id":"71234567"}',
    ],
    'alive',
    [
      'trades',
      '{"symbol":"BTC-USD","ts":1723161255.708706,"price":61830.1,"volume":0.23374249,"side":"buy","id":"71234568"}',
    ],
    [
      'trades',
      '{"symbol":"BTC-USD","ts":1723161256.000000,"price":61830.0,"volume":0.00010000,"side":"sell","id":"71234569"}',
      '{"symbol":"BTC-USD","ts":1723161256.000000,"price":61829.0,"volume":1.50000000,"side":"sell","id":"71234570"}',
    ],
    'alive',
    [
      'trades',
      '{"symbol":"ETH-USD","ts":1723161257.654321,"price":2683.81,"volume":0.00000001,"side":"buy","id":"55512001"}',
    ],
  ]);
});

describe.each([binance, coinbase, kraken])('$name', (format) => {
  test('every trade is a tick that consumers take', () => {
    for (const text of recorded(format.name)) {
      const frame = format.read(text);
      for (const { symbol, payload } of frame.kind === 'trades' ? frame.trades : [])
        expect(parseTick(payload, { symbol, receivedAt: null }, { allowNonPositive: false })).toMatchObject({
          tick: { symbol },
        });
    }
  });

  test.each([
    '',
    'hello',
    '[]',
    '42',
    'null',
    '{}',
    '{"channel":"level2"}',
    '{"e":"trade"}',
    '{"channel":"trade","data":[{}]}',
    '{"channel":"market_trades","events":[{}]}',
  ])('does not pretend to understand %j', (text) => {
    expect(format.read(text).kind).toBe('unknown');
  });

  test('subscribes to its symbols in JSON', () => {
    for (const text of [...format.subscribe(format.symbols), format.ping]) expect(() => JSON.parse(text)).not.toThrow();
  });
});

test.each`
  format      | frame                                                                                                          | reason
  ${binance}  | ${'{"error":{"code":2,"msg":"Invalid request: unknown method"},"id":1}'}                                       | ${'Invalid request: unknown method'}
  ${binance}  | ${'{"code":3,"msg":"Invalid JSON"}'}                                                                           | ${'Invalid JSON'}
  ${coinbase} | ${'{"type":"error","message":"failure to subscribe"}'}                                                         | ${'failure to subscribe'}
  ${kraken}   | ${'{"error":"Currency pair not supported EUR/USDX","method":"subscribe","success":false,"symbol":"EUR/USDX"}'} | ${'Currency pair not supported EUR/USDX'}
`('$format.name refuses: $reason', ({ format, frame, reason }) => {
  expect(told(format, [frame])).toEqual([['refused', reason]]);
});

test.each`
  format      | frame                                                                                                                                                      | why
  ${binance}  | ${'{"e":"trade","s":"BTCUSDT","t":1,"p":"NaN","q":"1","T":1723161255342,"m":true}'}                                                                        | ${'the price is no decimal'}
  ${binance}  | ${'{"e":"trade","s":"BTCUSDT","t":1,"p":"1","q":"1","T":17231,"m":true}'}                                                                                  | ${'the time is no milliseconds'}
  ${binance}  | ${'{"e":"trade","s":"BTCUSDT","t":1,"p":"1","q":"1","T":1723161255342}'}                                                                                   | ${'there is no side'}
  ${binance}  | ${'{"e":"trade","s":"BTCUSDT","t":1.5,"p":"1","q":"1","T":1723161255342,"m":true}'}                                                                        | ${'the number is not whole'}
  ${coinbase} | ${'{"channel":"market_trades","events":[{"trades":[{"trade_id":"1","product_id":"X","price":"1","size":"1","side":"?","time":"2024-08-08T23:54:14Z"}]}]}'} | ${'the side is unknown'}
  ${kraken}   | ${'{"channel":"trade","data":[{"symbol":"BTC/USD","side":"buy","price":"1e","qty":1,"trade_id":1,"timestamp":"2024-08-08T23:54:14Z"}]}'}                   | ${'the price is no decimal'}
  ${kraken}   | ${'{"channel":"trade","data":[{"symbol":"BTC/USD","side":"buy","price":1,"qty":1,"trade_id":1,"timestamp":"yesterday"}]}'}                                 | ${'the time is none'}
`('$format.name: a trade is not understood when $why', ({ format, frame }) => {
  expect(format.read(frame).kind).toBe('unknown');
});
