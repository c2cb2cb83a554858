import { expect, test } from 'vitest';
import { HandPubSub } from '../../../test/support/hand-pub-sub.ts';
import type { Clock } from '../../ports/clock.ts';
import { Reception } from './reception.ts';
import { TapeQueue } from './tape-queue.ts';

const NOON = Date.UTC(2026, 2, 2, 12);

/** A reception on a clock that is moved, and set, by hand. */
function received() {
  let [monotonic, ahead] = [0, NOON];
  const clock = {
    now: () => monotonic + ahead,
    monotonic: () => monotonic,
    every: () => undefined,
    sleep: async () => undefined,
  } as Clock;
  const pubsub = new HandPubSub(clock);
  const end = new AbortController();
  const reception = new Reception(
    { pubsub, queue: new TapeQueue(null, 1e6, clock), clock, begin: () => null, onNews: () => undefined },
    'one',
  );
  // detached: runs until its test ends it
  void reception.run('ticks.*', { through: null, clean: true }, null, end.signal);
  return {
    pubsub,
    reception,
    passes: (ms: number) => {
      monotonic += ms;
    },
    isSet: (by: number) => {
      ahead += by;
    },
    /** Whether all was received that was published before this moment. */
    async has(moment: number): Promise<boolean> {
      let has = false;
      // detached: the test looks whether it is through by now
      void reception.receivedThrough(moment, new AbortController().signal).then(() => {
        has = true;
      });
      await Promise.resolve();
      return has;
    },
  };
}

test('what was received before the clock was set back proves nothing of what was published since', async () => {
  const { pubsub, reception, passes, isSet, has } = received();
  passes(1_000);
  pubsub.caughtUp();
  expect(await has(NOON + 1_000)).toBe(true);
  passes(1_000);
  isSet(-5_000);
  expect(reception.through).toBe(NOON - 4_000);
  expect(await has(NOON - 3_000)).toBe(false);
  pubsub.caughtUp();
  pubsub.caughtUp();
  expect(await has(NOON - 3_000)).toBe(true);
});

test('an answer to what was asked before the clock was set back is not taken for one to what was asked since', async () => {
  const { pubsub, passes, isSet, has } = received();
  passes(1_000);
  pubsub.caughtUp();
  // The question is asked, and its answer waits, while the clock is set.
  pubsub.holdBack();
  await pubsub.publish([{ channel: 'ticks.EURUSD', payload: Buffer.from('{}') }]);
  passes(1_000);
  isSet(-5_000);
  pubsub.caughtUp();
  expect(await has(NOON - 3_500)).toBe(false);
});
