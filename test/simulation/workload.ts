import type { Random } from '../../src/ports/random.ts';

/** A payload that is to be published. */
export interface PlannedTick {
  /** Milliseconds since the simulation began. */
  readonly at: number;
  readonly symbol: string;
  readonly payload: string;
}

/** Which streams the publisher writes beside the channels. */
export type StreamsWritten = 'none' | 'all in one' | 'one a symbol' | 'both';

/** What is published in a run, and how the processes are set up. */
export interface Workload {
  readonly ticks: readonly PlannedTick[];
  readonly streams: StreamsWritten;
  /** Milliseconds from an entry of a stream to its message; negative: the message goes first. */
  readonly streamLead: number;
  /** When publishing ends, milliseconds since the simulation began. */
  readonly until: number;
  readonly partitions: number;
  /** Mirrors that share the lease: the second one stands by. */
  readonly mirrors: number;
  readonly candidates: number;
  readonly memoryBytes: number;
  readonly batch: number;
  /** Bytes of the largest value that topics take. */
  readonly maxBytes: number;
}

const NAMES = ['EURUSD', 'GBPUSD', 'BTC-USD', 'AAPL', 'ES', 'XAUUSD', 'USDJPY', 'ETH-USD', 'NQ', 'ZB', 'MSFT', 'USOIL'];

/** The made-up symbol with this number, beyond the well-known ones as many as are wanted. */
const symbolNamed = (i: number): string => NAMES[i] ?? `S${i}`;

/** One symbol's ticks. */
interface Strand {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  /** Milliseconds between two ticks, on average. */
  readonly every: number;
}

export function makeWorkload(random: Random, start: number): Workload {
  const pick = <T>(values: readonly T[]): T => values[random.int(values.length)]!;
  // Ends within the second or third minute: most seeds have bars that ticks close, and one that the clock does.
  const until = (random.int(5) === 0 ? 138_000 : 78_000) - random.int(42_000);
  const strands: Strand[] = [];
  const steady = 1 + random.int(3);
  for (let i = 0; i < steady; i += 1)
    strands.push({
      symbol: symbolNamed(i),
      from: random.int(3_000),
      to: until,
      every: 120 + random.next() ** 2 * 3_000,
    });
  const later = random.int(5);
  for (let i = 0; i < later; i += 1) {
    const from = random.int(until);
    // Some come and go in a burst, others stay.
    const to = random.int(2) === 0 ? Math.min(until, from + 300 + random.int(4_000)) : until;
    strands.push({ symbol: symbolNamed(steady + i), from, to, every: 20 + random.next() ** 2 * 1_500 });
  }
  const equal = pick([0, 0, 0.1, 0.5]);
  const jitter = pick([0, 0, 300, 1_500]);
  const junk = pick([0, 0, 0.02]);
  const ticks: PlannedTick[] = [];
  for (const strand of strands) ticks.push(...ticksOf(strand, { equal, jitter, junk, start }, random));
  if (random.int(2) === 0)
    for (const symbol of new Set(strands.map((strand) => strand.symbol)))
      for (let i = 1; i <= 3; i += 1)
        ticks.push({ at: until + 500 * i, symbol, payload: payloadOf(start + until + 500 * i, 100 + i, '1') });
  ticks.sort((a, b) => a.at - b.at);
  return {
    ticks,
    streams: pick(['none', 'all in one', 'all in one', 'all in one', 'one a symbol', 'both', 'both']),
    streamLead: pick([0, 0, 0, 3, 15, -3, -15]),
    until,
    partitions: pick([1, 1, 1, 2]),
    mirrors: pick([1, 2]),
    candidates: pick([1, 1, 2, 3]),
    memoryBytes: pick([64e6, 64e6, 64e6, 20_000]),
    batch: pick([5_000, 5_000, 20, 3]),
    maxBytes: 4_000,
  };
}

const payloadOf = (ts: number, price: number, volume: string): string =>
  `{"ts":${ts},"price":${price},"volume":${volume}}`;

function ticksOf(
  { symbol, from, to, every }: Strand,
  { equal, jitter, junk, start }: { equal: number; jitter: number; junk: number; start: number },
  random: Random,
): PlannedTick[] {
  const ticks: PlannedTick[] = [];
  let cents = 10_000 + random.int(2_000);
  let last = '';
  for (let at = from + 1; at < to && ticks.length < 400; ) {
    // Bursts, and silences between them.
    at += random.int(25) === 0 ? every * 8 * random.next() : every * random.next() * (random.int(4) === 0 ? 0.05 : 1.6);
    if (at >= to) break;
    cents += random.int(21) - 10;
    const ts = start + Math.round(at) - (jitter > 0 ? random.int(jitter) : 0);
    let payload =
      random.int(5) === 0
        ? `{"ts":${ts / 1000},"bid":${(cents - 1) / 100},"ask":${(cents + 1) / 100}}`
        : payloadOf(ts, cents / 100, String((1 + random.int(500)) / 10 ** random.int(3)));
    if (last !== '' && random.next() < equal) payload = last;
    else if (random.next() < junk) payload = pickJunk(random, ts);
    last = payload;
    ticks.push({ at, symbol, payload });
  }
  return ticks;
}

const pickJunk = (random: Random, ts: number): string =>
  ['no tick at all', `{"ts":${ts}}`, `{"ts":${ts},"price":-1}`, `{"ts":${ts},"price":1,"note":"${'x'.repeat(5_000)}"}`][
    random.int(4)
  ]!;
