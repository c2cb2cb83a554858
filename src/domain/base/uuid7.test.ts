import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUuid, uuid7 } from './uuid7.ts';

const hex = (length: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length }).map((all) => all.join(''));

test('the example of RFC 9562 comes out', () => {
  // Its random bits: cc3, then 18c4dc0c0c07398f of which the first two bits are the variant.
  expect(uuid7(0x017f22e279b0, 'cc398c4dc0c0c07398f0')).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('any time and chance give a UUID of version 7 and the variant of RFC 9562, which tells its time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), hex(20), (at, chance) => {
      const id = uuid7(at, chance);
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(isUuid(id)).toBe(true);
      expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at);
    }),
  );
});

test('other chance gives another id', () => {
  const at = 1_753_000_000_000;
  const ids = new Set(Array.from({ length: 19 }, (_, i) => uuid7(at, `${'0'.repeat(i)}1${'0'.repeat(19 - i)}`)));
  expect(ids.size).toBe(19);
});

test.each([
  '',
  'abc',
  '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
  '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
  'x'.repeat(36),
])('%j is not taken for one', (text) => expect(isUuid(text)).toBe(false));
