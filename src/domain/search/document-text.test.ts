import { expect, test } from 'vitest';
import { asTitle, storable } from './document-text.ts';

test('a title is one line and not too long', () => {
  expect(asTitle(' a\n b ')).toBe('a b');
  expect(asTitle('x'.repeat(1_000))).toHaveLength(300);
  expect(asTitle(`${'x'.repeat(299)}\u{1f600}`)).toBe(`${'x'.repeat(299)}\u{fffd}`);
});

test('text is stored without what no database takes', () => {
  expect(storable('\ufeffa\0b\ud800c\ufeff')).toBe('a b\u{fffd}c\ufeff');
});
