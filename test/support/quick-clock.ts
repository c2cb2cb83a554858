import { systemClock } from '../../src/adapters/clock/system.ts';
import type { Clock } from '../../src/ports/clock.ts';

/** A clock that runs `factor` times as fast as the machine's. */
export function quickClock(factor: number): Clock {
  const real = systemClock();
  const [now, begun] = [real.now(), real.monotonic()];
  const passed = (): number => (real.monotonic() - begun) * factor;
  return {
    now: () => now + Math.floor(passed()),
    monotonic: passed,
    sleep: (ms, signal) => real.sleep(ms / factor, signal),
    every: (ms, tick, signal) => real.every(ms / factor, tick, signal),
  };
}
