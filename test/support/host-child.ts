// A process with one service that behaves as its `--instance` says: what the tests of the host look at from outside.
import type { Command } from '../../src/app/cli/command.ts';
import { runProcess } from '../../src/app/host/process.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { Service } from '../../src/ports/service.ts';

let attempts = 0;

const until = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
const unreachable = (): PulseError =>
  new PulseError('redis.unavailable', { at: 'redis://desk:hunter22@redis', reason: 'connection refused' });

const behaviours: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>> = {
  drains: async (signal) => {
    await until(signal);
    await new Promise((resolve) => setTimeout(resolve, 300)); // ambient-ok: work that takes a while
    process.stdout.write('drained\n');
  },
  stubborn: () => new Promise(() => setInterval(() => undefined, 1_000)), // ambient-ok: work that never ends
  ends: () => Promise.resolve(),
  'returns-late': async (signal) => {
    if (attempts < 4) throw unreachable();
    await until(signal);
  },
  away: () => Promise.reject(unreachable()),
  refused: () => Promise.reject(new PulseError('redis.refused', { at: 'redis', command: 'AUTH', reason: 'WRONGPASS' })),
  defect: () => Promise.reject(new TypeError('x is not a function')),
};

const child: Command = {
  name: 'feed',
  summary: 'a service for tests',
  run: (runtime) => {
    const make = (): Service => {
      attempts += 1;
      if (runtime.instance === 'unmade') throw unreachable();
      return {
        name: 'toy',
        run: behaviours[runtime.instance]!,
        readiness: () => ({ ready: true, detail: 'works' }),
        figures: () => ({ attempts }),
      };
    };
    return runtime.serve([{ name: 'toy', make }]);
  },
};

await runProcess([child]);
