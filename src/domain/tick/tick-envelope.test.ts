import fc from 'fast-check';
import { expect, test } from 'vitest';
import { envelopeOf, shiftTime, timeOf } from './tick-envelope.ts';
import { parseTick } from './tick-parser.ts';

const symbolIn = (text: string): string | null => {
  const payload = Buffer.from(text);
  const { symbolFrom, symbolTo, symbolText } = envelopeOf(payload);
  return symbolFrom < 0 || !symbolText ? null : payload.toString('utf8', symbolFrom, symbolTo);
};

test.each`
  payload                                                          | symbol      | why
  ${'{"symbol":"EURUSD","ts":1398920401.787,"bid":1}'}             | ${'EURUSD'} | ${'it comes first'}
  ${'{"ts":1,"bid":1.1,"symbol":"EURUSD"}'}                        | ${'EURUSD'} | ${'it comes last'}
  ${' {\t"symbol" : "EURUSD" }'}                                   | ${'EURUSD'} | ${'blanks do not matter'}
  ${'{"meta":{"symbol":"X","a":[1,{"b":"}"}]},"symbol":"EURUSD"}'} | ${'EURUSD'} | ${'nested ones do not count'}
  ${'{"note":"\\"symbol\\":\\"X\\"","symbol":"EURUSD"}'}           | ${'EURUSD'} | ${'text in strings does not count'}
  ${'{"symbol":"GBPUSD","symbol":"EURUSD"}'}                       | ${'EURUSD'} | ${'the last one counts, as in JSON'}
  ${'{"symbol":"EURUSD","ts":13989'}                               | ${'EURUSD'} | ${'a torn line still says where it belongs'}
  ${'{"meta":{"symbol":"X"}}'}                                     | ${null}     | ${'a nested one alone is none'}
  ${'{"symbol":42}'}                                               | ${null}     | ${'a number is no symbol'}
  ${'["symbol","EURUSD"]'}                                         | ${null}     | ${'a list has none'}
  ${''}                                                            | ${null}     | ${'nothing has none'}
`('finds $symbol in $payload: $why', ({ payload, symbol }) => {
  expect(symbolIn(payload)).toBe(symbol);
});

test('finds the same values as a JSON parser in any flat object, however it is written', () => {
  const value = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(fc.constantFrom('symbol', 'ts', 'price'), fc.string()), value)),
      fc.constantFrom('', ' ', '\n\t'),
      (pairs, blank) => {
        const text = `{${pairs.map(([k, v]) => `${blank}${JSON.stringify(k)}${blank}:${blank}${JSON.stringify(v)}${blank}`).join(',')}}`;
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const payload = Buffer.from(text);
        const e = envelopeOf(payload);
        const at = (from: number, to: number, quoted: boolean): unknown =>
          from < 0
            ? undefined
            : JSON.parse(quoted ? `"${payload.toString('utf8', from, to)}"` : payload.toString('utf8', from, to));
        const own = (key: string): unknown => (Object.hasOwn(parsed, key) ? parsed[key] : undefined);
        expect(at(e.symbolFrom, e.symbolTo, e.symbolText)).toEqual(own('symbol'));
        expect(at(e.tsFrom, e.tsTo, e.tsText)).toEqual(own('ts'));
      },
    ),
  );
});

test.each`
  ts                               | ms
  ${'1398920401.787'}              | ${1398920401787}
  ${'1398920401787'}               | ${1398920401787}
  ${'"1398920401.787"'}            | ${1398920401787}
  ${'"2014-05-01T05:00:01.787Z"'}  | ${1398920401787}
  ${'"2014-05-01 07:00:01+02:00"'} | ${1398920401000}
  ${'"yesterday"'}                 | ${null}
  ${'-5'}                          | ${null}
  ${'1e300'}                       | ${null}
`('reads ts $ts as $ms', ({ ts, ms }) => {
  expect(timeOf(Buffer.from(`{"ts":${ts},"symbol":"EURUSD"}`))).toBe(ms);
});

test.each`
  ts                                         | by            | moved
  ${'1398920401.787'}                        | ${60_000}     | ${'1398920461.787'}
  ${'1398920401.787'}                        | ${-787}       | ${'1398920401.000'}
  ${'1398920401'}                            | ${1_500}      | ${'1398920402.500'}
  ${'1398920401'}                            | ${2_000}      | ${'1398920403'}
  ${'1398920401787'}                         | ${1}          | ${'1398920401788'}
  ${'1398920401787.123456'}                  | ${1}          | ${'1398920401788.123456'}
  ${'1398920401.787654321'}                  | ${1}          | ${'1398920401.788654321'}
  ${'"1398920401.7"'}                        | ${60_000}     | ${'"1398920461.7"'}
  ${'"2014-05-01T05:00:01.787Z"'}            | ${86_400_000} | ${'"2014-05-02T05:00:01.787Z"'}
  ${'"2014-05-01T05:00:01Z"'}                | ${500}        | ${'"2014-05-01T05:00:01.500Z"'}
  ${'"2014-05-01T07:00:01.123456789+02:00"'} | ${1}          | ${'"2014-05-01T05:00:01.124456789Z"'}
  ${'"soon"'}                                | ${1}          | ${'"soon"'}
`('moves ts $ts by $by ms to $moved and touches nothing else', ({ ts, by, moved }) => {
  const around = (value: string): string => `{"symbol":"EURUSD", "ts":${value} ,"bid":1.38727,"ask":1.387290}`;
  expect(shiftTime(Buffer.from(around(ts)), by).toString()).toBe(around(moved));
});

test('any shift moves the time that consumers read by exactly that much', () => {
  const tick = fc.record({
    ms: fc.integer({ min: Date.UTC(2000), max: Date.UTC(2030) }),
    form: fc.constantFrom('s', 'ms', 'iso'),
  });
  fc.assert(
    fc.property(tick, fc.integer({ min: -1e11, max: 1e11 }), ({ ms, form }, by) => {
      const ts = {
        s: `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}`,
        ms: String(ms),
        iso: `"${new Date(ms).toISOString()}"`,
      }[form];
      const parsed = parseTick(
        shiftTime(Buffer.from(`{"symbol":"EURUSD","ts":${ts},"price":1.1}`), by),
        { symbol: null, receivedAt: null },
        { allowNonPositive: false },
      );
      expect(parsed).toMatchObject({ tick: { ts: ms + by } });
    }),
  );
});
