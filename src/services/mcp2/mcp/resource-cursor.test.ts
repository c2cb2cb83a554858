import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorOf, type Place, placeOf } from './resource-cursor.ts';

const places: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ of: fc.constant('documents' as const), offset: fc.nat(1_000_000) }),
  fc.record({
    of: fc.constant('trades' as const),
    before: fc.option(fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme-ascii' }), { nil: null }),
  }),
);

test('any place of the list comes back from its cursor', () => {
  fc.assert(
    fc.property(places, (place) => {
      expect(placeOf(cursorOf(place))).toEqual(place);
    }),
  );
});

test('begins with the documents where there is no cursor', () => {
  expect(placeOf(undefined)).toEqual({ of: 'documents', offset: 0 });
});

test.each([
  ['nothing', ''],
  ['no base64', '%%%'],
  ['no JSON', Buffer.from('{"of":').toString('base64url')],
  ['another list', cursorOf({ of: 'bars' } as never)],
  ['a place before the first', cursorOf({ of: 'documents', offset: -1 })],
  ['a place too far off', cursorOf({ of: 'documents', offset: 1e12 })],
])('refuses a cursor of %s', (_, cursor) => {
  expect(() => placeOf(cursor)).toThrow(expect.objectContaining({ code: 'request.cursor' }));
});
