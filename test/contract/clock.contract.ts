import { expect } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { contract } from './contract.ts';

/** A clock, and how its time passes: a virtual one has to be told. */
export interface ClockSubject {
  readonly clock: Clock;
  pass(ms: number): Promise<void>;
}

export const clockContract = contract<ClockSubject>('clock', [
  [
    'gives whole epoch milliseconds that go on as monotonic time does',
    async ({ clock, pass }) => {
      const [now, monotonic] = [clock.now(), clock.monotonic()];
      await pass(50);
      expect(Number.isInteger(clock.now())).toBe(true);
      expect(clock.now() - now).toBeGreaterThanOrEqual(49);
      expect(clock.monotonic() - monotonic).toBeGreaterThanOrEqual(49);
    },
  ],
  [
    'ends a sleep when its time has passed, not before',
    async ({ clock, pass }) => {
      const begun = clock.monotonic();
      let slept = Number.NaN;
      const sleep = clock.sleep(40).then(() => {
        slept = clock.monotonic() - begun;
      });
      await pass(60);
      await sleep;
      expect(slept).toBeGreaterThanOrEqual(39);
    },
  ],
  [
    'wakes sleepers in the order of their times',
    async ({ clock, pass }) => {
      const woken: number[] = [];
      const sleeps = [60, 20, 40].map((ms) => clock.sleep(ms).then(() => woken.push(ms)));
      await pass(80);
      await Promise.all(sleeps);
      expect(woken).toEqual([20, 40, 60]);
    },
  ],
  [
    'ends a sleep at once when its signal aborts, and one whose signal has aborted',
    async ({ clock }) => {
      const stop = new AbortController();
      const sleep = clock.sleep(3_600_000, stop.signal);
      stop.abort();
      await sleep;
      await clock.sleep(3_600_000, stop.signal);
    },
  ],
  [
    'calls again and again until its signal aborts, and then never',
    async ({ clock, pass }) => {
      const stop = new AbortController();
      let calls = 0;
      clock.every(10, () => void (calls += 1), stop.signal);
      for (let i = 0; i < 100 && calls < 3; i += 1) await pass(10);
      expect(calls).toBeGreaterThanOrEqual(3);
      stop.abort();
      const before = calls;
      await pass(50);
      expect(calls).toBe(before);
    },
  ],
  [
    'never starts a call while the one before is still running',
    async ({ clock, pass }) => {
      const stop = new AbortController();
      const first = Promise.withResolvers<void>();
      let [running, most, calls] = [0, 0, 0];
      const tick = async (): Promise<void> => {
        calls += 1;
        running += 1;
        most = Math.max(most, running);
        await first.promise;
        running -= 1;
      };
      clock.every(10, tick, stop.signal);
      await pass(60);
      expect([calls, most]).toEqual([1, 1]);
      first.resolve();
      for (let i = 0; i < 100 && calls < 2; i += 1) await pass(10);
      expect(calls).toBeGreaterThan(1);
      stop.abort();
    },
  ],
]);
