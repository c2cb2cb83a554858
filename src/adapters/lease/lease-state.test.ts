import { expect, test } from 'vitest';
import { acquired, currentOf, isHeldBy, nextEpoch, noLease, renewed } from './lease-state.ts';

const TEN = Date.UTC(2014, 4, 1, 10);
const TERMS = { ttlMs: 3_000, floor: 0 };

test.each`
  known      | now    | epoch
  ${0}       | ${TEN} | ${TEN}
  ${TEN}     | ${TEN} | ${TEN + 1}
  ${TEN + 7} | ${TEN} | ${TEN + 8}
  ${TEN - 7} | ${TEN} | ${TEN}
`('after $known the epoch at $now is $epoch', ({ known, now, epoch }) => {
  expect(nextEpoch(known, now)).toBe(epoch);
});

test('a clock that was put back holds a lease no longer than it was taken for', () => {
  const { state } = acquired(noLease, 'a', TERMS, TEN);
  const earlier = TEN - 3_600_000;
  expect(currentOf(state, earlier)?.expiresInMs).toBe(3_000);
  const epoch = state.epoch;
  const next = acquired(state, 'a', TERMS, earlier);
  expect(next.state.epoch).toBe(epoch + 1);
});

test('a clock that was put forward ends a lease: its holder can prolong it no more, and the epoch tells the two apart', () => {
  const { state } = acquired(noLease, 'a', TERMS, TEN);
  const later = TEN + 3_600_000;
  expect(renewed(state, 'a', state.epoch, { ttlMs: 3_000, note: null }, later)).toBeNull();
  expect(isHeldBy(state, 'a', state.epoch, later)).toBe(false);
  const { answer } = acquired(state, 'b', TERMS, later);
  expect(answer).toEqual({ epoch: later, note: null });
});
