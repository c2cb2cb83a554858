import { expect, test } from 'vitest';
import type { TapeEnd, TapeTick } from '../../ports/tick-tape.ts';
import { HeldTicks } from './held-ticks.ts';
import { RefusedTicks } from './refused-ticks.ts';

const none = new RefusedTicks(new Map());
const MARGIN_MS = 30_000;
const AT = 1_000_000;

const tick = (seq: number, hash: number, receivedAt = AT + seq * 1_000): TapeTick => ({
  channel: 'ticks.EURUSD',
  symbol: 'EURUSD',
  payload: Buffer.alloc(0),
  hash,
  receivedAt,
  since: receivedAt - 500,
  instance: 'two',
  seq,
  joinedAt: null,
});

const endOf = (hashes: readonly number[], receivedAt: number): ReadonlyMap<string, TapeEnd> =>
  new Map([['EURUSD', { hashes, receivedAt, lastTs: null, taken: new Map(), lastBy: 'one' }]]);

test('of what was received since a gap, less than would prove a place on its own is known to be in the log', () => {
  const held = new HeldTicks(endOf([1, 2, 3, 4, 5, 6, 7, 8, 9], AT + 9_000), none, ['two'], MARGIN_MS);
  for (const seq of [1, 2, 3, 4, 5, 6]) held.tick(tick(seq, seq));
  // The seventh was lost here, and not by the one that brought it.
  held.gap(AT + 6_100, AT + 7_100);
  for (const seq of [8, 9, 10]) held.tick(tick(seq, seq));
  expect(held.inLog().left).toEqual(new Map([['EURUSD', 8]]));
  expect(held.unsure).toEqual([]);
});

/** The log has 9, which was lost here, and 7 after it: that one, or an equal one before it. */
test.each([
  { payloads: 'that differ otherwise', first: [1, 2, 3], unsure: [] },
  { payloads: 'that repeat', first: [1, 1, 3], unsure: ['EURUSD'] },
])('one equal payload right after a gap, among payloads $payloads, is left out', ({ first, unsure }) => {
  const held = new HeldTicks(endOf([...first, 9, 7], AT + 5_000), none, ['two'], MARGIN_MS);
  first.forEach((hash, i) => {
    held.tick(tick(i + 1, hash));
  });
  held.gap(AT + 3_100, AT + 5_000);
  held.tick(tick(5, 7));
  expect(held.inLog().left).toEqual(new Map([['EURUSD', 4]]));
  expect(held.unsure).toEqual(unsure);
});

test('a log that goes on beyond all that is held has all of it', () => {
  const held = new HeldTicks(endOf([4, 5, 6, 7, 8, 9, 10, 11, 12, 13], AT + 13_000), none, ['two'], MARGIN_MS);
  for (const seq of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) held.tick(tick(seq, seq));
  // It was told to end, and received no more; the other went on.
  held.gap(AT + 11_100, null);
  expect(held.inLog().left).toEqual(new Map([['EURUSD', 11]]));
  expect(held.unsure).toEqual([]);
});

test('where the log goes on, and nothing of it is held, only times speak: that is told', () => {
  const held = new HeldTicks(endOf([21, 22, 23], AT + 13_000), none, ['two'], MARGIN_MS);
  for (const seq of [1, 2, 3]) held.tick(tick(seq, seq));
  held.gap(AT + 3_100, AT + 20_000);
  held.tick(tick(24, 24));
  expect(held.inLog().left).toEqual(new Map([['EURUSD', 3]]));
  expect(held.unsure).toEqual(['EURUSD']);
});

test('what was set aside is known by itself, be it ahead of the rest or behind', () => {
  const refused = new RefusedTicks(endOf([13, 15], AT + 5_000));
  const held = new HeldTicks(endOf([11, 12], AT + 2_000), refused, ['two'], MARGIN_MS);
  // The log has what was set aside of 13 and 15, and not yet 14, which stands between them.
  const ticks = [11, 12, 13, 14, 15, 16].map((hash, i) => tick(i + 1, hash));
  for (const each of ticks) held.tick(each);
  const skips = held.inLog();
  expect(ticks.filter((each) => !skips.skips(each)).map(({ hash }) => hash)).toEqual([14, 16]);
});

test('a log that goes on beyond a stretch between two gaps has all of that stretch, however short it is', () => {
  const held = new HeldTicks(endOf([11, 12, 13, 14, 15, 16, 17, 18, 19, 20], AT + 10_000), none, ['two'], MARGIN_MS);
  for (const hash of [9, 10]) held.tick(tick(hash - 8, hash));
  held.gap(AT + 2_100, AT + 4_000);
  for (const hash of [14, 15]) held.tick(tick(hash - 9, hash));
  held.gap(AT + 6_100, AT + 11_000);
  held.tick(tick(12, 21));
  expect(held.inLog().left).toEqual(new Map([['EURUSD', 4]]));
  expect(held.unsure).toEqual([]);
});

test('one payload between two gaps that the log may have is left out, and told where payloads repeat', () => {
  const held = new HeldTicks(endOf([10, 11, 12, 12, 13], AT + 10_000), none, ['two'], MARGIN_MS);
  for (const hash of [9, 10]) held.tick(tick(hash - 8, hash));
  held.gap(AT + 2_100, AT + 4_000);
  held.tick(tick(5, 11));
  held.gap(AT + 6_100, AT + 11_000);
  held.tick(tick(12, 21));
  expect(held.inLog().left).toEqual(new Map([['EURUSD', 3]]));
  expect(held.unsure).toEqual(['EURUSD']);
});

test('a stretch that the log does not have, where a gap of its own may lie, is left out, and told', () => {
  const log = endOf([1, 2, 3, 21, 22, 23], AT + 13_000).get('EURUSD')!;
  const countOf = (unbroken: number): HeldTicks => {
    const held = new HeldTicks(new Map([['EURUSD', { ...log, unbroken }]]), none, ['two'], MARGIN_MS);
    for (const seq of [1, 2, 3]) held.tick(tick(seq, seq));
    held.gap(AT + 3_100, AT + 4_000);
    for (const seq of [5, 6]) held.tick(tick(seq, seq));
    held.gap(AT + 6_100, AT + 20_000);
    held.tick(tick(24, 24));
    return held;
  };
  const broken = countOf(3);
  expect(broken.inLog().left).toEqual(new Map([['EURUSD', 5]]));
  expect(broken.unsure).toEqual(['EURUSD']);
  // Without one the log has not come so far.
  const unbroken = countOf(6);
  expect(unbroken.inLog().left).toEqual(new Map([['EURUSD', 3]]));
  expect(unbroken.unsure).toEqual([]);
});

test.each([
  { payloads: 'that differ', hashes: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], count: 10 },
  { payloads: 'that repeat', hashes: [1, 2, 1, 2, 1, 2, 1, 2, 1, 2], count: 0 },
])('clocks that differ by more than they should do not hide a row of payloads $payloads', ({ hashes, count }) => {
  const held = new HeldTicks(endOf(hashes, AT + 1_000), none, ['two'], MARGIN_MS);
  [...hashes, 11].forEach((hash, i) => {
    held.tick(tick(i + 1, hash, AT + 9_000 + i * 10));
  });
  expect(held.inLog().left.get('EURUSD') ?? 0).toBe(count);
});
