import { expect, test } from 'vitest';
import { OrderFlow } from './order-flow.ts';

test.each`
  moves                                          | imbalance
  ${[]}                                          | ${Number.NaN}
  ${[[0, 0]]}                                    | ${0}
  ${[[0.1, 0.2]]}                                | ${1}
  ${[[-0.1, -0.2]]}                              | ${-1}
  ${[[0.1, 0]]}                                  | ${0.5}
  ${[[0.1, -0.1]]}                               | ${0}
  ${[[1, 1], [1, 1], [-1, 0], [0, 0]]}           | ${3 / 8}
  ${[[-9, -9], [1, 1], [1, 1], [-1, 0], [0, 0]]} | ${3 / 8}
`('quotes whose bid and ask moved $moves: $imbalance over the last four', ({ moves, imbalance }) => {
  const flow = new OrderFlow(4);
  for (const [bid, ask] of moves) flow.quote(bid, ask);
  expect(flow.ofQuotes()).toBe(imbalance);
  expect(flow.ofTrades()).toBe(Number.NaN);
});

test.each`
  trades                                          | imbalance
  ${[]}                                           | ${Number.NaN}
  ${[[1, 2]]}                                     | ${1}
  ${[[-1, 2]]}                                    | ${-1}
  ${[[1, 3], [-1, 1]]}                            | ${0.5}
  ${[[1, 3], [0, 1]]}                             | ${0.75}
  ${[[-1, 50], [1, 3], [1, 1], [-1, 2], [-1, 2]]} | ${0}
`('trades of sign and volume $trades: $imbalance over the last four', ({ trades, imbalance }) => {
  const flow = new OrderFlow(4);
  for (const [sign, volume] of trades) flow.trade(sign, volume);
  expect(flow.ofTrades()).toBe(imbalance);
  expect(flow.ofQuotes()).toBe(Number.NaN);
});
