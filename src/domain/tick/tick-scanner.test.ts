import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalText } from '../base/decimal.ts';
import { tickFields } from './tick.ts';
import { parseTick } from './tick-parser.ts';
import { TickScanner } from './tick-scanner.ts';

const RECEIVED = Date.UTC(2026, 10, 24);
const rules = { allowNonPositive: false };

/** What the parser says, in the scanner's terms. */
function byParser(payload: string, allowNonPositive: boolean): unknown {
  const parsed = parseTick(payload, { symbol: 'EURUSD', receivedAt: RECEIVED }, { allowNonPositive });
  if ('rejection' in parsed) return parsed.rejection.fault;
  const { ts, price, volume, crossed, locked } = parsed.tick;
  return { ts, price, volume, crossed, locked };
}

function byScanner(payload: string, allowNonPositive: boolean): unknown {
  const out = tickFields();
  const rejection = new TickScanner('EURUSD', { allowNonPositive }).read(Buffer.from(payload), RECEIVED, out);
  if (rejection !== null) return rejection.fault;
  const { ts, price, crossed, locked } = out;
  return {
    ts,
    price,
    volume: out.volumeText ?? decimalText({ units: BigInt(out.volumeUnits), scale: out.volumeScale }),
    crossed,
    locked,
  };
}

const number = fc.oneof(
  fc
    .tuple(fc.integer({ min: -5, max: 2_000_000 }), fc.integer({ min: 0, max: 10 }))
    .map(([units, scale]) => (units / 10 ** scale).toFixed(scale)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom(
    '0',
    '-0',
    '0.0',
    '1e3',
    '1E-7',
    '01',
    '1.',
    '.5',
    '-',
    '123456789012345678',
    '0.1234567890123456789',
    '1.50',
    'null',
    'true',
    '"1.5"',
    '""',
    '[]',
    '{}',
  ),
);
const time = fc.oneof(
  fc
    .integer({ min: 1_390_000_000, max: 1_790_000_000 })
    .chain((s) =>
      fc.constantFrom(
        `${s}`,
        `${s}.1`,
        `${s}.123`,
        `${s}.1234567`,
        `${s}000`,
        `${s}123.5`,
        `"${new Date(s * 1000).toISOString()}"`,
      ),
    ),
  number,
);
const field = fc.oneof(
  fc.tuple(fc.constant('ts'), time),
  fc.tuple(fc.constantFrom('price', 'last', 'mid', 'bid', 'ask', 'volume', 'vol', 'size', 'tick_vol'), number),
  fc.tuple(fc.constant('symbol'), fc.constantFrom('"EURUSD"', '"GBPUSD"', '"EUR\\u0055SD"', 'null', '7')),
  fc.tuple(
    fc.constantFrom('side', 'id', 'seq', 'prices', 'x'),
    fc.oneof(
      number,
      fc.string().map((s) => JSON.stringify(s)),
    ),
  ),
);
const payload = fc
  .tuple(time, fc.array(field, { maxLength: 6 }), fc.constantFrom('', ' ', '\n'))
  .map(
    ([ts, fields, space]) =>
      `{"ts":${ts}${fields.map(([name, value]) => `,${space}"${name}":${value}`).join('')}}${space}`,
  );

test('the scanner gives the answers of the parser', () => {
  fc.assert(
    fc.property(payload, fc.boolean(), (text, allowNonPositive) => {
      expect(byScanner(text, allowNonPositive)).toEqual(byParser(text, allowNonPositive));
    }),
    { numRuns: 20_000 },
  );
});

test('and so it does where bytes were damaged', () => {
  const whole = '{"symbol":"EURUSD","ts":1398920401.787,"bid":1.38727,"ask":1.38729,"volume":0.5}';
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 0x20, max: 0x7e }), (at, code) => {
      const text = whole.slice(0, at) + String.fromCharCode(code) + whole.slice(at + 1);
      expect(byScanner(text, false)).toEqual(byParser(text, false));
    }),
    { numRuns: 5_000 },
  );
});

test('one scanner reads tick after tick', () => {
  const scanner = new TickScanner('EURUSD', rules);
  const out = tickFields();
  expect(scanner.read(Buffer.from('{"ts":1398920401,"price":1.5,"volume":2}'), null, out)).toBeNull();
  expect(scanner.read(Buffer.from('{"ts":1398920402,"bid":1,"ask":2}'), null, out)).toBeNull();
  expect(out).toMatchObject({ ts: 1398920402000, price: 1.5, volumeUnits: 0 });
});
