import { expect, test } from 'vitest';
import { aggressor } from './aggressor.ts';

test.each`
  side           | taker
  ${'buy'}       | ${'buy'}
  ${'Buy'}       | ${'buy'}
  ${'BUYER'}     | ${'buy'}
  ${'b'}         | ${'buy'}
  ${'B'}         | ${'buy'}
  ${'bid'}       | ${'buy'}
  ${' buy '}     | ${'buy'}
  ${'1'}         | ${'buy'}
  ${'false'}     | ${'buy'}
  ${'sell'}      | ${'sell'}
  ${'SELL'}      | ${'sell'}
  ${'seller'}    | ${'sell'}
  ${'s'}         | ${'sell'}
  ${'S'}         | ${'sell'}
  ${'a'}         | ${'sell'}
  ${'ask'}       | ${'sell'}
  ${'offer'}     | ${'sell'}
  ${'2'}         | ${'sell'}
  ${'-1'}        | ${'sell'}
  ${'true'}      | ${'sell'}
  ${''}          | ${null}
  ${'none'}      | ${null}
  ${'buysell'}   | ${null}
  ${'toString'}  | ${null}
  ${'__proto__'} | ${null}
  ${undefined}   | ${null}
`('side $side: the taker is $taker', ({ side, taker }) => {
  expect(aggressor(side)).toBe(taker);
});
