import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinTails, overlapIndex, payloadHash, resumeIndex, TAIL, TapeTail } from './tape-alignment.ts';

test('a gap in a recorded tape is found from what was received around it', () => {
  const tape = fc.uniqueArray(fc.integer(), { minLength: 20, maxLength: 300 });
  fc.assert(
    fc.property(tape, fc.nat(), fc.nat(), (recorded, a, b) => {
      const [lost, found] = [a % recorded.length, b % recorded.length].sort((x, y) => x - y) as [number, number];
      const tail = recorded.slice(0, lost).slice(-TAIL);
      const live = recorded.slice(found);
      const from = resumeIndex(recorded, tail);
      expect(from).toBe(lost);
      expect(overlapIndex(recorded.slice(lost), 0, live)).toBe(found - lost);
    }),
  );
});

test('two stretches that overlap join into one', () => {
  expect(joinTails([1, 2, 3, 4], [3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
  expect(joinTails([1, 2], [3])).toEqual([1, 2, 3]);
  expect(joinTails([], [3])).toEqual([3]);
  expect(joinTails([1, 2, 3], [2, 3])).toEqual([1, 2, 3]);
});

test('repeated payloads do not mislead: the longest match counts', () => {
  const recorded = [1, 1, 2, 1, 1, 3, 1, 1, 2, 1, 1, 4, 5];
  expect(resumeIndex(recorded, [1, 1, 3, 1, 1, 2, 1, 1])).toBe(11);
});

test.each`
  what                                      | recorded          | tail                           | index
  ${'nothing was received before'}          | ${[1, 2]}         | ${[]}                          | ${0}
  ${'the tail is not in the recording'}     | ${[1, 2, 3]}      | ${[7, 8, 9]}                   | ${null}
  ${'the recording begins within the tail'} | ${[8, 9, 10, 11]} | ${[1, 2, 3, 4, 5, 6, 7, 8, 9]} | ${2}
  ${'the tail ends the recording'}          | ${[1, 2, 3]}      | ${[1, 2, 3]}                   | ${3}
`('where $what, a tape resumes at $index', ({ recorded, tail, index }) => {
  expect(resumeIndex(recorded, tail)).toBe(index);
});

test('live ticks that are not in the recording do not meet it', () => {
  expect(overlapIndex([1, 2, 3], 0, [9])).toBeNull();
  expect(overlapIndex([1, 2, 3], 0, [])).toBe(3);
});

test('hashes tell payloads apart and repeat', () => {
  expect(payloadHash(Buffer.from('{"price":1}'))).toBe(payloadHash(Buffer.from('{"price":1}')));
  const hashes = new Set(
    Array.from({ length: 20_000 }, (_, i) => payloadHash(Buffer.from(`{"ts":1398920401.${i},"price":1.${i % 7}}`))),
  );
  expect(hashes.size).toBe(20_000);
});

test('a tail keeps the newest', () => {
  const tail = new TapeTail();
  for (let i = 0; i < 1000; i += 1) tail.push(i);
  expect(tail.hashes()).toEqual(Array.from({ length: TAIL }, (_, i) => 1000 - TAIL + i));
});
