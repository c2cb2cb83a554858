import type { Random } from '../../src/ports/random.ts';
import { type Fault, type FaultKind, faultKinds } from './fault-kinds.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

/** A plan: faults that come in clusters, since what goes wrong together is what nobody thought of. */
export function makePlan(random: Random, { until, candidates, mirrors }: Workload): Fault[] {
  const faults: Fault[] = [];
  const clusters = 1 + random.int(4);
  for (let c = 0; c < clusters; c += 1) {
    const at = 3_000 + random.int(Math.max(1, until - 6_000));
    const count = 1 + random.int(4);
    const victim = processName(random, candidates, mirrors);
    for (let i = 0; i < count; i += 1) {
      const to = random.int(3) > 0 ? victim : processName(random, candidates, mirrors);
      const kind = random.int(5) === 0 ? 'kill' : faultKinds[random.int(faultKinds.length)]!;
      faults.push(makeFault(kind, Math.max(500, at + random.int(6_000) - 3_000), to, random));
    }
  }
  return faults.sort((a, b) => a.at - b.at);
}

const processName = (random: Random, candidates: number, mirrors: number): string =>
  ['mirror', mirrors > 1 ? 'standby' : 'mirror', 'bars', `candidate-${1 + random.int(candidates)}`][random.int(4)]!;

function makeFault(kind: FaultKind, at: number, to: string, random: Random): Fault {
  const lasts = 200 + Math.floor(random.next() ** 2 * 14_000);
  const fault = { kind, at, lasts, to, size: 0 };
  switch (kind) {
    case 'receipt lag':
      return { ...fault, to: subscriber(to), size: 100 + random.int(6_500) };
    case 'slow subscriber':
      return { ...fault, to: subscriber(to), size: 3 + random.int(30) };
    case 'append unanswered':
    case 'append half done':
      return { ...fault, to: to === 'bars' ? 'mirror' : to, size: 1 + random.int(3) };
    case 'redis write unanswered':
      return { ...fault, to: 'bars', size: 1 + random.int(3) };
    case 'kill':
      return { ...fault, size: 1 + random.int(random.int(2) === 0 ? 5 : 60), lasts: 300 + random.int(6_000) };
    case 'clock step':
      return { ...fault, size: (random.int(2) === 0 ? 1 : -1) * (50 + random.int(3_500)) };
    case 'stream trimmed':
      return { ...fault, size: random.int(40) };
    case 'disk full':
      return { ...fault, to: subscriber(to) };
    case 'new symbol':
      return { ...fault, size: 1 + random.int(30), lasts: 50 + random.int(2_500) };
    case 'refused topic':
      return { ...fault, size: 1 + random.int(6), lasts: 50 + random.int(2_500) };
    case 'lease lost':
      return { ...fault, size: random.int(2) };
    case 'topic truncated':
      return { ...fault, size: 5 + random.int(80) };
    default:
      return fault;
  }
}

/** What is done to a process that subscribes is done to one of them. */
const subscriber = (name: string): string => (name.startsWith('candidate') ? 'mirror' : name);

/** Lets a fault happen. */
export function inflict(world: World, fault: Fault): void {
  const { scheduler, redis, kafka } = world;
  const { kind, to, lasts, size } = fault;
  const process = world.process(to);
  const fired = (): void => world.fired(kind);
  const over = (undo: () => void): void => void scheduler.after(lasts, `${kind} over`, undo);
  switch (kind) {
    case 'receipt lag':
      redis.lag.set(to, size);
      fired();
      return over(() => redis.lag.delete(to));
    case 'connection lost':
      for (const connection of redis.connectionsOf(to)) {
        fired();
        redis.cut(connection, 'disconnect');
      }
      return;
    case 'connection silent':
      for (const connection of redis.connectionsOf(to)) {
        fired();
        redis.silence(connection);
      }
      return;
    case 'slow subscriber': {
      const before = redis.cutOffs.length;
      redis.lag.set(to, 2_000);
      redis.bufferLimit = size;
      return over(() => {
        redis.lag.delete(to);
        redis.bufferLimit = Number.POSITIVE_INFINITY;
        if (redis.cutOffs.slice(before).some(({ reason }) => reason === 'overflow')) fired();
      });
    }
    case 'redis away':
      if (redis.away) return;
      redis.goAway();
      fired();
      return over(() => {
        redis.away = false;
      });
    case 'kafka away':
      if (kafka.away) return;
      kafka.away = true;
      fired();
      return over(() => {
        kafka.away = false;
      });
    case 'redis stalls':
    case 'kafka stalls': {
      const server = kind === 'redis stalls' ? redis : kafka;
      server.stall();
      fired();
      return over(() => server.goOn());
    }
    case 'append unanswered':
    case 'append half done':
      kafka.halfDone = kind === 'append half done';
      kafka.losesAnswers.set(to, size);
      return;
    case 'redis write unanswered':
      redis.losesAnswers.set(to, size);
      return;
    case 'kill':
      return process?.kill(size, lasts);
    case 'stop':
      if (process?.life == null) return;
      fired();
      return process.stop(lasts);
    case 'pause': {
      const life = process?.life;
      if (life == null || life.paused) return;
      life.pause();
      fired();
      return over(() => life.resume());
    }
    case 'redelivery':
      kafka.group('bars').deliverAgain();
      return fired();
    case 'rebalance':
      kafka.group('bars').rebalance();
      return fired();
    case 'member joins':
      world.guest(lasts);
      return fired();
    case 'clock step':
      process?.stepClock(size);
      return fired();
    case 'stream trimmed':
      if (redis.trim(/^v2:ticks:/, size) > 0) fired();
      return;
    case 'disk full':
      world.disk(to).full = true;
      return over(() => {
        world.disk(to).full = false;
      });
    case 'new symbol':
      return world.publishNew(size, lasts);
    case 'refused topic':
      return world.publishColliding(size, lasts);
    case 'lease lost':
      for (const lease of redis.leases.values()) {
        if (lease.holder !== null) fired();
        lease.holder = null;
        // The server has forgotten everything, or only who holds it.
        if (size === 1) Object.assign(lease, { epoch: 0, note: null });
      }
      return;
    case 'topic truncated':
      for (const { name, partitions } of kafka.topics.values())
        if (/^ticks\.(?!rejected$)/.test(name))
          partitions.forEach(({ end }, i) => {
            if (kafka.truncate(name, i, end - size) > 0) fired();
          });
      return;
  }
}
