import { PulseError } from '../../domain/errors/errors.ts';
import { once } from '../engines/once.ts';
import type { Runtime } from '../host/runtime.ts';
import type { Hosted } from '../host/supervisor.ts';
import { playDemo } from './demo.ts';
import { demoEnds } from './first-start.ts';

/** The demo of the first start as a service among the others, which begin when it is over: the process listens before, and tells how far it is. */
export interface DemoService extends Hosted {
  /** Resolves when the demo is over; never where it was cut off. */
  readonly over: Promise<void>;
  /** A service that waits for the demo to be over. */
  before(service: Hosted): Hosted;
}

export function demoService(runtime: Runtime): DemoService {
  const { dataDir } = runtime.config.values;
  const over = Promise.withResolvers<void>();
  const play = once(async () => {
    const played = await playDemo(runtime).catch((error: unknown) => {
      // Not to be tried again on what half of a demo has left: that would be taken for sessions with holes.
      if (error instanceof PulseError && error.retry)
        throw new PulseError('host.demo', { reason: error.message }, { cause: error });
      throw error;
    });
    if (!played) return;
    await demoEnds(dataDir);
    over.resolve();
  });
  return {
    name: 'demo',
    over: over.promise,
    make: () => ({
      name: 'demo',
      run: play,
      readiness: () => ({
        ready: false,
        detail: 'plays past sessions of the made-up market; everything else waits for them',
      }),
      figures: () => ({}),
    }),
    before: (service) => ({
      name: service.name,
      async make() {
        await over.promise;
        return service.make();
      },
    }),
  };
}
