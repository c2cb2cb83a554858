import { Chance } from './chance.ts';

/** What befalls the product in one run. Times in milliseconds; `at` since publishing began. */
export type Act =
  | { readonly kind: 'kill' | 'term'; readonly at: number; readonly target: Target; readonly downMs: number }
  | { readonly kind: 'stop'; readonly at: number; readonly target: Target; readonly forMs: number }
  | {
      readonly kind: 'lag-kill';
      readonly at: number;
      readonly lagMs: number;
      readonly downMs: number;
      readonly symbols: readonly string[];
      readonly each: number;
      readonly kafkaAway: boolean;
    }
  | { readonly kind: 'kafka-away'; readonly at: number; readonly forMs: number }
  | { readonly kind: 'kafka-slow'; readonly at: number; readonly pulses: number; readonly pulseMs: number }
  | { readonly kind: 'redis-away'; readonly at: number; readonly forMs: number; readonly signal: 'SIGTERM' | 'SIGKILL' }
  | { readonly kind: 'redis-drop'; readonly at: number }
  | { readonly kind: 'lease-lost'; readonly at: number; readonly how: 'deleted' | 'overwritten' }
  | { readonly kind: 'symbols'; readonly at: number; readonly symbols: readonly string[]; readonly each: number }
  | { readonly kind: 'burst'; readonly at: number; readonly ticks: number };

/** Which process: of a pair the one that holds the lease, or the other. */
export type Target = 'holder' | 'standby' | 'candidate' | 'incumbent';

export interface Scenario {
  readonly seed: number;
  readonly publishMs: number;
  readonly perSecond: number;
  readonly symbols: readonly string[];
  /** A symbol that two publishers share; null: none. */
  readonly shared: string | null;
  readonly publishers: number;
  readonly streams: boolean;
  readonly pair: boolean;
  readonly candidate: boolean;
  readonly incumbent: boolean;
  /** Whether event time runs so far behind that the last minute is over when publishing ends. */
  readonly behind: boolean;
  /** Whether ticks are published before the first mirror subscribes. */
  readonly early: boolean;
  readonly memoryMb: number;
  readonly acts: readonly Act[];
  /** Symbols of which Kafka may refuse the topic. */
  readonly colliding: readonly string[];
  /** For the judge's own trial: every so many ticks one is written into the book and not sent. */
  readonly forgetsEvery: number;
}

const numbered = (prefix: string, from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${from + i}`);

/** The scenario of a seed. */
export function scenarioOf(seed: number): Scenario {
  const chance = new Chance(seed);
  const pair = chance.happens(0.5);
  const streams = chance.happens(0.75);
  const candidate = chance.happens(0.8);
  const incumbent = chance.happens(0.6);
  const publishMs = chance.whole(30, 45) * 1000;
  const acts: Act[] = [];
  const colliding: string[] = [];
  let fresh = 0;
  const newSymbols = (count: number): string[] => {
    fresh += count;
    return numbered('NEW', fresh - count, count);
  };
  const collidingPair = (): string[] => {
    const n = colliding.length / 2;
    const names = [`BRK.B${n}`, `BRK_B${n}`];
    colliding.push(...names);
    return names;
  };
  const mirror = (): Target => (pair && chance.happens(0.3) ? 'standby' : 'holder');
  const time = (): number => chance.whole(3_000, publishMs - 8_000);

  const kinds: readonly (readonly [weight: number, make: () => Act])[] = [
    [4, () => ({ kind: 'kill', at: time(), target: mirror(), downMs: chance.whole(100, 4_000) })],
    [2, () => ({ kind: 'term', at: time(), target: mirror(), downMs: chance.whole(100, 3_000) })],
    [
      3,
      () => ({
        kind: 'stop',
        at: time(),
        target: mirror(),
        forMs: chance.happens(0.5) ? chance.whole(300, 2_500) : chance.whole(6_500, 9_000),
      }),
    ],
    [
      4,
      () => ({
        kind: 'lag-kill',
        at: time(),
        lagMs: chance.whole(1_000, 3_000),
        downMs: chance.whole(100, 2_000),
        symbols: newSymbols(chance.whole(1, 8)),
        each: chance.whole(1, 30),
        kafkaAway: chance.happens(0.5),
      }),
    ],
    [3, () => ({ kind: 'kafka-away', at: time(), forMs: chance.whole(500, 6_000) })],
    [2, () => ({ kind: 'kafka-slow', at: time(), pulses: chance.whole(3, 8), pulseMs: chance.whole(100, 900) })],
    [
      2,
      () => ({
        kind: 'redis-away',
        at: time(),
        forMs: chance.whole(100, 2_500),
        signal: chance.pick(['SIGTERM', 'SIGKILL']),
      }),
    ],
    [2, () => ({ kind: 'redis-drop', at: time() })],
    [3, () => ({ kind: 'symbols', at: time(), symbols: newSymbols(chance.whole(1, 60)), each: chance.whole(1, 20) })],
    [
      1,
      () => ({
        kind: 'symbols',
        at: time(),
        symbols: newSymbols(chance.whole(1_000, 2_500)),
        each: chance.whole(1, 2),
      }),
    ],
    [2, () => ({ kind: 'symbols', at: time(), symbols: collidingPair(), each: chance.whole(1, 10) })],
    [2, () => ({ kind: 'burst', at: time(), ticks: chance.whole(20_000, 100_000) })],
    [candidate ? 2 : 0, () => ({ kind: 'kill', at: time(), target: 'candidate', downMs: chance.whole(100, 3_000) })],
    [candidate ? 1 : 0, () => ({ kind: 'stop', at: time(), target: 'candidate', forMs: chance.whole(1_000, 8_000) })],
    [incumbent ? 2 : 0, () => ({ kind: 'kill', at: time(), target: 'incumbent', downMs: chance.whole(100, 3_000) })],
    [pair ? 3 : 0, () => ({ kind: 'lease-lost', at: time(), how: chance.pick(['deleted', 'overwritten']) })],
  ];
  const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
  for (let count = chance.whole(4, 7); count > 0; count -= 1) {
    let at = chance.next() * total;
    const [, make] = kinds.find(([weight]) => (at -= weight) < 0) ?? kinds[0]!;
    acts.push(make());
  }
  // What was seen to lose ticks, and what was never tried, come together: new symbols while something is away.
  for (const act of [...acts])
    if ((act.kind === 'kafka-away' || act.kind === 'redis-away' || act.kind === 'kill') && chance.happens(0.6))
      acts.push({
        kind: 'symbols',
        at: act.at + chance.whole(0, 1_500),
        symbols: newSymbols(chance.whole(1, 5)),
        each: chance.whole(1, 20),
      });
  // Drawn apart, so that a seed that gets none of them stays as it was.
  const more = new Chance(seed + 1_000_003);
  const late = (): number => more.whole(3_000, publishMs - 8_000);
  if (more.happens(0.25))
    acts.push({
      kind: 'symbols',
      at: late(),
      symbols: newSymbols(more.whole(2_000, 4_000)),
      each: more.whole(1, 2),
    });
  if (more.happens(0.3)) acts.push({ kind: 'symbols', at: late(), symbols: collidingPair(), each: more.whole(1, 10) });
  return {
    seed,
    publishMs,
    perSecond: chance.pick([2_000, 2_000, 2_000, 4_000, 4_000, 8_000, 20_000]),
    symbols: numbered('SYM', 0, chance.whole(5, 60)),
    shared: chance.happens(0.3) ? 'SHARED' : null,
    publishers: chance.whole(1, 3),
    streams,
    pair,
    candidate,
    incumbent,
    behind: chance.happens(0.6),
    early: chance.happens(0.3),
    memoryMb: chance.happens(0.3) ? 1 : 64,
    acts: acts.sort((a, b) => a.at - b.at),
    colliding,
    forgetsEvery: 0,
  };
}

/** In one line, for people. */
export function sketch({
  pair,
  streams,
  candidate,
  incumbent,
  perSecond,
  publishers,
  publishMs,
  acts,
}: Scenario): string {
  const parts = acts.map((act) => {
    const at = `${(act.at / 1000).toFixed(1)}s ${act.kind}`;
    if (act.kind === 'symbols') return `${at} ${act.symbols.length}x${act.each}`;
    if (act.kind === 'burst') return `${at} ${act.ticks}`;
    if (act.kind === 'lag-kill')
      return `${at} lag ${act.lagMs} new ${act.symbols.length}x${act.each}${act.kafkaAway ? ' Kafka away' : ''}`;
    return `${at}${'target' in act ? ` ${act.target}` : ''}${'forMs' in act ? ` ${act.forMs}ms` : ''}`;
  });
  const sides = [candidate ? 'candidate' : '', incumbent ? 'incumbent' : ''].filter(Boolean).join('+') || 'no bars';
  return `${pair ? 'pair' : 'single'}, ${streams ? 'streams' : 'no streams'}, ${sides}, ${perSecond}/s from ${publishers} for ${publishMs / 1000}s: ${parts.join(', ')}`;
}
