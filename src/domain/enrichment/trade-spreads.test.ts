import { expect, test } from 'vitest';
import { quoteTick, tradeTick } from '../../../test/support/enricher-ticks.ts';
import { TickEnricher } from './tick-enricher.ts';
import type { EnricherTick } from './tick-readings.ts';

const last = (ticks: readonly EnricherTick[]) => {
  const enricher = new TickEnricher();
  return ticks.map((tick) => enricher.next(tick)).at(-1)!;
};

const opening = quoteTick(0, 99, 101);

test.each`
  tick                                           | effective | about
  ${tradeTick(1, 101)}                           | ${2}      | ${'at the ask'}
  ${tradeTick(1, 99)}                            | ${2}      | ${'at the bid'}
  ${tradeTick(1, 100.25)}                        | ${0.5}    | ${'inside the spread'}
  ${tradeTick(1, 100)}                           | ${0}      | ${'at the mid'}
  ${quoteTick(1, 99, 103)}                       | ${null}   | ${'a quote'}
  ${tradeTick(29.999, 101)}                      | ${2}      | ${'the quote prevails for 30 s'}
  ${tradeTick(30, 101)}                          | ${null}   | ${'and not longer'}
  ${{ ...tradeTick(1, 103), bid: 99, ask: 103 }} | ${4}      | ${'a trade with its own quote'}
  ${{ ...tradeTick(1, 101), bid: 99 }}           | ${2}      | ${'one side is no quote'}
`('effective spread $effective: $about', ({ tick, effective }) => {
  expect(last([opening, tick]).effective_spread).toBe(effective);
});

test.each`
  ticks                                                                                    | realized | impact  | about
  ${[tradeTick(1, 101), quoteTick(2, 100, 102)]}                                           | ${null}  | ${null} | ${'before 5 s'}
  ${[tradeTick(1, 101), quoteTick(2, 100, 102), quoteTick(6, 104, 106)]}                   | ${null}  | ${null} | ${'5 s to the millisecond: that quote may yet count'}
  ${[tradeTick(1, 101), quoteTick(2, 100, 102), quoteTick(6.001, 104, 106)]}               | ${0}     | ${2}    | ${'the mid of the last quote up to 5 s, 101'}
  ${[tradeTick(1, 101), quoteTick(2, 100, 102), quoteTick(6, 104, 106), tradeTick(7, 9)]}  | ${-8}    | ${10}   | ${'a quote at 5 s counts; a trade makes time pass too'}
  ${[tradeTick(1, 99), quoteTick(2, 100, 102), quoteTick(7, 100, 102)]}                    | ${4}     | ${-2}   | ${'a sale before a rise: the maker gains'}
  ${[tradeTick(1, 99), quoteTick(2, 95, 97), quoteTick(7, 95, 97)]}                        | ${-6}    | ${8}    | ${'a sale before a fall'}
  ${[tradeTick(1, 101), quoteTick(40, 99, 101)]}                                           | ${2}     | ${0}    | ${'the quote prevailed at 6 s, however late that is known'}
  ${[tradeTick(1, 101, 1, 'sell'), quoteTick(7, 99, 101)]}                                 | ${-2}    | ${4}    | ${'the stated side counts'}
  ${[tradeTick(1, 101), tradeTick(1, 99), quoteTick(2, 100, 102), quoteTick(7, 100, 102)]} | ${2}     | ${0}    | ${'the mean of two'}
  ${[tradeTick(28, 101), tradeTick(40, 102)]}                                              | ${null}  | ${null} | ${'at 33 s no quote prevails'}
  ${[tradeTick(1, 100), quoteTick(7, 99, 101)]}                                            | ${null}  | ${null} | ${'a first trade at the mid has no sign'}
`('realised $realized, impact $impact: $about', ({ ticks, realized, impact }) => {
  const { realized_spread, price_impact } = last([opening, ...ticks]);
  expect([realized_spread, price_impact]).toEqual([realized, impact]);
});

test('of more than 256 trades that wait the later ones are not measured', () => {
  const burst = Array.from({ length: 300 }, (_, i) => tradeTick(1, 101, 1, i < 256 ? 'buy' : 'sell'));
  expect(last([opening, ...burst, quoteTick(7, 101, 103)]).realized_spread).toBe(2);
  const waits = new TickEnricher();
  for (const tick of [opening, ...burst]) waits.next(tick);
  expect(waits.snapshot().tradeSpreads.pending).toHaveLength(256);
});
