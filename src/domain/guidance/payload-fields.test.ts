import { expect, test } from 'vitest';
import { numberField, sides, wordField } from './payload-fields.ts';

test('what the first place of a field holds decides, and is not looked for elsewhere where it cannot be read', () => {
  expect(numberField({ trade: { size: '1,000' }, size: 1 }, 'size')).toBeNull();
  expect(numberField({ trade: { size: ' 2.5 ' }, size: 1 }, 'size')).toBe(2.5);
  expect(numberField({ trade: { size: null }, size: 1 }, 'size')).toBe(1);
  expect(wordField({ trade: { side: 'SHORT ' }, side: 'long' }, 'side', sides)).toBe('short');
  expect(wordField({ trade: { side: 'sideways' }, side: 'long' }, 'side', sides)).toBeNull();
});
