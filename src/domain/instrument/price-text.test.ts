import { expect, test } from 'vitest';
import { levelText, priceText, quotedPrice } from './price-text.ts';

test.each`
  price                      | increment    | text
  ${1.1939600000000001}      | ${'0.00001'} | ${'1.19396'}
  ${1.194}                   | ${'0.00001'} | ${'1.19400'}
  ${(1.19396 + 1.19397) / 2} | ${'0.00001'} | ${'1.193965'}
  ${157}                     | ${'0.001'}   | ${'157.000'}
  ${2034.5}                  | ${'0.01'}    | ${'2034.50'}
  ${97000}                   | ${'1'}       | ${'97000'}
  ${0.00000845}              | ${null}      | ${'0.00000845'}
  ${8.45e-7}                 | ${'1e-9'}    | ${'0.000000845'}
  ${1.0641349999999998}      | ${null}      | ${'1.064135'}
  ${-37.63}                  | ${'0.01'}    | ${'-37.63'}
  ${-37.6}                   | ${'0.01'}    | ${'-37.60'}
  ${0}                       | ${'0.01'}    | ${'0.00'}
`('$price in steps of $increment is told as $text', ({ price, increment, text }) => {
  expect(priceText(price, increment)).toBe(text);
});

test.each`
  level                 | increment    | text
  ${1.1939612345678}    | ${'0.00001'} | ${'1.193961'}
  ${97123.456789}       | ${'0.01'}    | ${'97123.457'}
  ${97123.456789}       | ${null}      | ${'97123.46'}
  ${0.0000084512345678} | ${null}      | ${'0.000008451235'}
`('a level of $level in steps of $increment is told as $text', ({ level, increment, text }) => {
  expect(levelText(level, increment)).toBe(text);
});

test('as a number a price has no digits that nobody quotes', () => {
  expect(quotedPrice(1.1939600000000001)).toBe(1.19396);
  expect(quotedPrice((1.19396 + 1.19397) / 2)).toBe(1.193965);
});
