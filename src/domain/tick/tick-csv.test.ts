import { expect, test } from 'vitest';
import { csvColumns, csvTick } from './tick-csv.ts';

test.each`
  header                                     | row                                                            | tick
  ${'ts,bid,ask'}                            | ${'1398920401.787,1.38727,1.38729'}                            | ${'{"ts":1398920401.787,"bid":1.38727,"ask":1.38729}'}
  ${'Symbol;Timestamp;Price;Volume;Side;ID'} | ${'BTCUSDT;1723161255342;61837.63000000;0.02000000;sell;0042'} | ${'{"symbol":"BTCUSDT","ts":1723161255342,"price":61837.63000000,"volume":0.02000000,"side":"sell","id":"0042"}'}
  ${'time\tlast\tsize'}                      | ${'2014-05-01T05:00:01.787Z\t1.1\t3'}                          | ${'{"ts":"2014-05-01T05:00:01.787Z","last":1.1,"volume":3}'}
  ${'timestamp,mid,exchange'}                | ${'1,1.1,NYSE'}                                                | ${'{"ts":1,"mid":1.1}'}
  ${'<DATE>\t<TIME>\t<BID>\t<ASK>'}          | ${'2014.05.01\t00:00:01.787\t1.38727\t1.38729'}                | ${'{"ts":"2014-05-01 00:00:01.787","bid":1.38727,"ask":1.38729}'}
  ${'date,price'}                            | ${'2014-05-01,1.1'}                                            | ${'{"ts":"2014-05-01","price":1.1}'}
  ${'time,price,time'}                       | ${'1,2,3'}                                                     | ${'{"ts":1,"price":2}'}
  ${'id,price,qty,quote_qty,time'}           | ${'7,61837.63,0.02,1236.75,1738368000123456'}                  | ${'{"id":"7","price":61837.63,"volume":0.02,"ts":1738368000123.456}'}
  ${'ts,price'}                              | ${'1738368000123456789,1'}                                     | ${'{"ts":1738368000123.456789,"price":1}'}
  ${'ts,price,side'}                         | ${'1,"1.5","say ""sell"", now"'}                               | ${'{"ts":1,"price":1.5,"side":"say \\"sell\\", now"}'}
  ${'ts,price,volume'}                       | ${'1,1.5,'}                                                    | ${'{"ts":1,"price":1.5}'}
  ${'ts,price'}                              | ${'1,n/a'}                                                     | ${'{"ts":1,"price":"n/a"}'}
  ${'ts,price'}                              | ${'1,007'}                                                     | ${'{"ts":1,"price":"007"}'}
  ${'ts,price'}                              | ${'1'}                                                         | ${null}
  ${'ts,price'}                              | ${'1,2,3'}                                                     | ${null}
  ${'ts,price'}                              | ${'1,"2'}                                                      | ${null}
`('$header: $row gives $tick', ({ header, row, tick }) => {
  const json = csvTick(row, csvColumns(header, 'ticks.csv'));
  expect(json).toBe(tick);
  if (json !== null) JSON.parse(json);
});

test.each`
  header              | missing
  ${'price,volume'}   | ${'the time'}
  ${'ts,volume'}      | ${'the price'}
  ${'ts,bid'}         | ${'the price'}
  ${'1398920401,1.1'} | ${'the time'}
`('the header row $header has no column for $missing', ({ header, missing }) => {
  expect(() => csvColumns(header, 'ticks.csv')).toThrowError(
    expect.objectContaining({
      code: 'feed.file.columns',
      message: expect.stringContaining(`no column for ${missing}`),
    }),
  );
});
