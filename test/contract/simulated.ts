import { systemClock } from '../../src/adapters/clock/system.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import { KafkaServer } from '../simulation/engines/kafka-server.ts';
import { RedisServer } from '../simulation/engines/redis-server.ts';
import { SpoolDisk } from '../simulation/engines/spool.ts';
import { Life, type Nature } from '../simulation/life.ts';
import { Scheduler } from '../simulation/scheduler.ts';
import type { Adapter, Opened } from './adapter.ts';

/** The engines of a simulation. */
export interface SimulatedEngines {
  readonly redis: RedisServer;
  readonly kafka: KafkaServer;
  readonly disk: SpoolDisk;
}

const MEMORY_RESTART_MS = 50;

/** An adapter of the simulation on engines of its own, whose time passes as that of the test does. */
export const onSimulation = <S extends { close(): Promise<void> }>(
  make: (engines: SimulatedEngines, life: Life) => S,
): Adapter<S> => ({
  available: async () => null,
  async open(): Promise<Opened<S>> {
    const clock = systemClock();
    const nature: Nature = { scheduler: new Scheduler(), random: seededRandom('contract'), start: clock.now() };
    const engines = { redis: new RedisServer(nature), kafka: new KafkaServer(nature), disk: new SpoolDisk() };
    const opened: S[] = [];
    const another = async (): Promise<S> => {
      opened.push(make(engines, new Life(`process-${opened.length}`, nature)));
      return opened.at(-1)!;
    };
    let over = false;
    const begun = clock.monotonic();
    const passing = (async () => {
      while (!over) {
        await nature.scheduler.runUntil(clock.monotonic() - begun);
        await clock.sleep(0);
      }
    })();
    return {
      subject: await another(),
      another,
      async restart() {
        await opened.pop()!.close();
        return another();
      },
      faults: {
        'server restart': async () => {
          engines.redis.goAway();
          await clock.sleep(MEMORY_RESTART_MS);
          engines.redis.away = false;
        },
        'subscriber killed': async () => {
          for (const connection of engines.redis.connections) engines.redis.cut(connection, 'disconnect');
        },
        'server stands still, until it goes on': async () => engines.redis.stall(),
        'server goes on': async () => engines.redis.goOn(),
      },
      async dispose() {
        await Promise.all(opened.map((subject) => subject.close()));
        over = true;
        await passing;
      },
    };
  },
});
