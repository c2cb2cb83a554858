import { systemClock } from '../../src/adapters/clock/system.ts';
import { virtualClock } from '../../src/adapters/clock/virtual.ts';
import type { Adapter } from './adapter.ts';
import { type ClockSubject, clockContract } from './clock.contract.ts';
import { runContract } from './contract.ts';

const of = (make: () => ClockSubject): Adapter<ClockSubject> => ({
  available: async () => null,
  open: async () => ({ subject: make(), dispose: async () => undefined }),
});

const system = of(() => {
  const clock = systemClock();
  return { clock, pass: (ms) => clock.sleep(ms) };
});
const virtual = of(() => {
  const clock = virtualClock(Date.UTC(2014, 4, 1));
  return { clock, pass: (ms) => clock.advance(ms) };
});

runContract(clockContract, { system, virtual });
