import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DecimalSum, decimalText, exceeds, parseDecimal, subtract } from './decimal.ts';

test.each`
  text                     | canonical
  ${'0'}                   | ${'0'}
  ${'-0.00'}               | ${'0'}
  ${'0.02000000'}          | ${'0.02'}
  ${'1e-8'}                | ${'0.00000001'}
  ${'1.5E+3'}              | ${'1500'}
  ${'-12.340'}             | ${'-12.34'}
  ${'9007199254740993.25'} | ${'9007199254740993.25'}
`('$text is $canonical', ({ text, canonical }) => {
  expect(decimalText(parseDecimal(text)!)).toBe(canonical);
});

test.each(['', '.5', '1.2.3', 'one', '0x10', 'NaN', '1e', '1e1000', ' 1'])('%j is no decimal', (text) => {
  expect(parseDecimal(text)).toBeNull();
});

/** A decimal as units and scale, and as text. */
const decimals = fc.record({ units: fc.maxSafeInteger(), scale: fc.integer({ min: 0, max: 15 }) });

test('a sum is exact at any mix of scales', () => {
  fc.assert(
    fc.property(fc.array(decimals, { maxLength: 50 }), (values) => {
      const sum = new DecimalSum();
      let units = 0n;
      for (const value of values) {
        sum.add(value.units, value.scale);
        units += BigInt(value.units) * 10n ** BigInt(15 - value.scale);
      }
      expect(sum.toString()).toBe(decimalText({ units, scale: 15 }));
    }),
  );
});

test('text and units give the same sum', () => {
  fc.assert(
    fc.property(fc.array(decimals, { maxLength: 30 }), (values) => {
      const byUnits = new DecimalSum();
      const byText = new DecimalSum();
      for (const { units, scale } of values) {
        byUnits.add(units, scale);
        byText.addText(decimalText({ units: BigInt(units), scale }));
      }
      expect(byText.toString()).toBe(byUnits.toString());
    }),
  );
});

test('volume sums are exact over 1,000,000 ticks', () => {
  const sum = new DecimalSum();
  let units = 0n;
  for (let i = 0; i < 1_000_000; i += 1) {
    const volume = (i * 7919) % 1_000_003;
    const scale = i % 9;
    sum.add(volume, scale);
    units += BigInt(volume) * 10n ** BigInt(8 - scale);
  }
  expect(sum.toString()).toBe(decimalText({ units, scale: 8 }));
});

test('difference and comparison are exact where doubles are not', () => {
  const [a, b] = [parseDecimal('0.3')!, parseDecimal('0.1')!];
  expect(decimalText(subtract(a, b))).toBe('0.2');
  expect(exceeds(subtract(a, b), parseDecimal('0.2')!)).toBe(false);
  expect(exceeds(parseDecimal('-0.21')!, parseDecimal('0.2')!)).toBe(true);
});
