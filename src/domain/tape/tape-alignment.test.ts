import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayBeChance, overlapIndex, payloadHash, resumePlace, resumePlaces, TAIL, TapeTail } from './tape-alignment.ts';

const resumeIndex = (...args: Parameters<typeof resumePlace>): number | null => resumePlace(...args)?.index ?? null;

test('a gap in a recorded tape is found from what was received around it', () => {
  const tape = fc.uniqueArray(fc.integer(), { minLength: 20, maxLength: 300 });
  fc.assert(
    fc.property(tape, fc.nat(), fc.nat(), (recorded, a, b) => {
      const [lost, found] = [a % recorded.length, b % recorded.length].sort((x, y) => x - y) as [number, number];
      const tail = recorded.slice(0, lost).slice(-TAIL);
      const live = recorded.slice(found);
      const from = resumeIndex(recorded, tail);
      expect(from).toBe(lost === 0 ? null : lost);
      expect(overlapIndex(recorded.slice(lost), live)).toBe(found - lost);
    }),
  );
});

test('repeated payloads do not mislead: the longest match counts', () => {
  const recorded = [1, 1, 2, 1, 1, 3, 1, 1, 2, 1, 1, 4, 5];
  expect(resumeIndex(recorded, [1, 1, 3, 1, 1, 2, 1, 1])).toBe(11);
});

test.each`
  what                                      | recorded          | tail                           | index
  ${'nothing was received before'}          | ${[1, 2]}         | ${[]}                          | ${null}
  ${'the tail is not in the recording'}     | ${[1, 2, 3]}      | ${[7, 8, 9]}                   | ${null}
  ${'the recording begins within the tail'} | ${[8, 9, 10, 11]} | ${[1, 2, 3, 4, 5, 6, 7, 8, 9]} | ${2}
  ${'the tail ends the recording'}          | ${[1, 2, 3]}      | ${[1, 2, 3]}                   | ${3}
  ${'equal payloads go on'}                 | ${[7, 7, 7, 7]}   | ${[7, 7]}                      | ${null}
  ${'equal payloads went before'}           | ${[7, 7, 8, 7]}   | ${[7, 7, 8]}                   | ${3}
`('where $what, a tape resumes at $index', ({ recorded, tail, index }) => {
  expect(resumeIndex(recorded, tail)).toBe(index);
});

test('a run of equal payloads that is longer than a tail leaves open where the tape resumes', () => {
  const recorded = [1, 2, 3, ...new Array<number>(100).fill(7), 8];
  expect(resumeIndex(recorded, new Array<number>(TAIL).fill(7))).toBeNull();
});

test('of places that match equally well, what else is known may leave one', () => {
  expect(resumeIndex([7, 7, 7, 7], [7, 7], (end) => end === 3)).toBe(3);
  expect(overlapIndex([7, 7, 7, 7], [7, 7], (at) => at === 1)).toBe(1);
});

test.each`
  what                                                     | recorded        | live         | index
  ${'nothing was received since'}                          | ${[1, 2, 3]}    | ${[]}        | ${3}
  ${'what was received is not in it'}                      | ${[1, 2, 3]}    | ${[9]}       | ${null}
  ${'it ends within what was received'}                    | ${[1, 2, 3]}    | ${[3, 4, 5]} | ${2}
  ${'a chance match at its end is beaten'}                 | ${[1, 7, 8, 7]} | ${[7, 8, 7]} | ${1}
  ${'equal payloads lie on both sides'}                    | ${[7, 7, 7, 7]} | ${[7, 7]}    | ${null}
  ${'equal payloads are told apart by what follows'}       | ${[7, 7, 7, 9]} | ${[7, 7, 9]} | ${1}
  ${'it ends within equal payloads, all of them received'} | ${[1, 7, 7]}    | ${[7, 7, 7]} | ${null}
`('a recording meets what was received at $index where $what', ({ recorded, live, index }) => {
  expect(overlapIndex(recorded, live)).toBe(index);
});

test('what was received meets the end of a recording in one payload only where it cannot stand behind that', () => {
  expect(overlapIndex([1, 7], [7])).toBe(1);
  expect(overlapIndex([1, 7], [7], () => true, true)).toBeNull();
  expect(overlapIndex([7, 8], [7, 8, 9], () => true, true)).toBe(0);
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

test('where a stretch begins within a row of equal payloads, nobody knows how many of them stand before it', () => {
  expect(resumeIndex([7, 7, 7, 8], [1, 2, 7, 7, 7, 7])).toBeNull();
  expect(resumeIndex([2, 7, 7, 7, 8], [1, 2, 7, 7])).toBe(3);
});

test('where a part begins before which entries may be missing, a match needs no more than that part holds', () => {
  const tail = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  // 7 is missing before the part that begins with 8.
  const recorded = [1, 2, 3, 4, 5, 6, 8, 9, 10];
  expect(resumePlaces(recorded, tail)).toEqual([]);
  expect(resumePlaces(recorded, tail, () => true, { starts: [6] })).toEqual([{ index: 8, matched: 2, edge: true }]);
});

test('a match says nothing across a place where entries may be missing', () => {
  // Another 9 may be missing before the part that begins with 9.
  expect(resumePlaces([7, 8, 9, 10], [6, 7, 8, 9], () => true, { starts: [2] })).toEqual([
    { index: 3, matched: 1, edge: true },
  ]);
});

test('where entries may be missing before the last part of a tail, a match needs no more than that part', () => {
  // The tail lacks 7 and 8.
  const [tail, recorded] = [
    [1, 2, 3, 4, 5, 6, 9, 10],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  ];
  expect(resumePlaces(recorded, tail)).toEqual([]);
  expect(resumePlaces(recorded, tail, () => true, { unbroken: 2 })).toEqual([{ index: 10, matched: 2, edge: true }]);
});

test.each`
  what                                   | matched | tail            | held      | chance
  ${'one payload that came once'}        | ${1}    | ${[1, 2]}       | ${[2, 3]} | ${false}
  ${'one payload where payloads repeat'} | ${1}    | ${[1, 1, 2]}    | ${[2, 3]} | ${true}
  ${'one that repeats since'}            | ${1}    | ${[1, 2]}       | ${[2, 2]} | ${true}
  ${'one payload twice'}                 | ${2}    | ${[1, 2, 2]}    | ${[2, 2]} | ${true}
  ${'two payloads'}                      | ${2}    | ${[1, 1, 2, 3]} | ${[2, 3]} | ${false}
`('a match at an edge of $what may be chance: $chance', ({ matched, tail, held, chance }) => {
  expect(mayBeChance({ index: matched, matched, edge: true }, tail, held)).toBe(chance);
});
