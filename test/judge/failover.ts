import { setTimeout as sleep } from 'node:timers/promises';
import { Book } from './book.ts';
import { followEpoch } from './epoch-rule.ts';
import type { Evidence, Happening } from './evidence.ts';
import { gapTexts } from './gap-records.ts';
import { leaseText, loseLease } from './lease-key.ts';
import type { ProductProcess } from './product-process.ts';
import { Publisher } from './publisher.ts';
import { Rig } from './rig.ts';

const TICK_TOPICS = String.raw`ticks\.(?!rejected$).+`;
const SYMBOLS = Array.from({ length: 20 }, (_, i) => `SYM${i}`);
const WAYS = ['kill -9', 'SIGSTOP', 'SIGTERM', 'lease deleted', 'lease overwritten'] as const;
type Way = (typeof WAYS)[number];

/** One fail-over. */
export interface FailOver {
  readonly way: Way;
  readonly holder: string;
  /** Who wrote the first record of the new epoch; null where none was seen within 15 s. */
  readonly heir: string | null;
  readonly epoch: number | null;
  /** From the fault to the first record of the new epoch in Kafka, in milliseconds. */
  readonly tookMs: number | null;
}

export interface FailOverPlan {
  readonly count: number;
  /** Ticks a second. */
  readonly perSecond: number;
  readonly seed: number;
  /** After this long, in milliseconds, no further fail-over is begun. */
  readonly limitMs: number;
}

export interface FailOverRun {
  readonly each: readonly FailOver[];
  readonly evidence: Evidence;
  /** Records that stand in Kafka more than once, before the epoch rule is applied. */
  readonly rawDoubles: number;
  /** The end of what each mirror printed, for whoever looks why a fail-over took long. */
  readonly printed: Readonly<Record<string, string>>;
}

/** A pair of mirrors at a steady rate, whose holder is taken away again and again. */
export async function failOver(
  { count, perSecond, seed, limitMs }: FailOverPlan,
  say: (line: string) => void,
): Promise<FailOverRun> {
  const rig = await Rig.start();
  try {
    const pair = ['mirror-a', 'mirror-b'].map((name) => rig.product(name, ['mirror']));
    const began = Date.now();
    for (const process of pair) process.start();
    if (!(await rig.subscribed(2, 60_000))) say('not both mirrors subscribed within a minute');
    const happenings: Happening[] = [{ kind: 'begin', target: 'all', from: began, to: Date.now() }];
    const book = new Book();
    const publisher = new Publisher(rig.redis.port, book, {
      number: 0,
      seed,
      streams: false,
      behindMs: 0,
      forgetsEvery: 0,
    });
    // Each symbol once, so that its topic is there to be watched.
    for (const symbol of SYMBOLS) publisher.now(symbol);
    publisher.start();
    await sleep(3_000);
    await rig.reader.watch(TICK_TOPICS);
    for (let waited = 0; waited < 20_000 && !rig.reader.watching; waited += 50) await sleep(50);
    publisher.steady(SYMBOLS, perSecond);
    await sleep(2_000);
    const each: FailOver[] = [];
    for (let i = 0; i < count && Date.now() - began < limitMs; i += 1) {
      each.push(await once(rig, pair, WAYS[i % WAYS.length]!, happenings));
      const { way, holder, heir, epoch, tookMs } = each.at(-1)!;
      say(`${i + 1} ${way}: ${holder} → ${heir ?? 'nobody'}, epoch ${epoch ?? '-'}, ${tookMs ?? '> 15000'} ms`);
      await rig.subscribed(2, 20_000);
      await sleep(1_500);
    }
    publisher.steady([], 0);
    await publisher.end();
    await quiet(rig);
    const ticks = await rig.reader.read(TICK_TOPICS);
    const evidence: Evidence = {
      published: book.ticks,
      ticks,
      rejected: await rig.reader.read(String.raw`ticks\.rejected`),
      gaps: gapTexts(await rig.reader.read(String.raw`mirror\.gaps`)),
      bars: null,
      incumbentBars: null,
      incumbentGaps: [],
      happenings,
      ends: pair.flatMap(({ ends }) => ends),
      askedEnds: [],
      mayBeRefused: new Set(),
      cutOffs: 0,
    };
    const left = [...Map.groupBy(ticks, ({ topic }) => topic).values()].map((own) => followEpoch(own));
    const rawDoubles = left.reduce((sum, { late, repeated }) => sum + late + repeated, 0);
    return {
      each,
      evidence,
      rawDoubles,
      printed: Object.fromEntries(pair.map(({ name, printed }) => [name, printed])),
    };
  } finally {
    await rig.dispose();
  }
}

async function once(rig: Rig, pair: readonly ProductProcess[], way: Way, happenings: Happening[]): Promise<FailOver> {
  const text = await leaseText(rig.redis.port);
  const holder = pair.find(({ name }) => text.includes(name)) ?? pair[0]!;
  const before = rig.reader.epochs.at(-1)?.epoch ?? -1;
  const at = Date.now();
  const after = await undo(rig, holder, way);
  let seen = null;
  for (let waited = 0; waited < 15_000 && seen === null; waited += 20) {
    await sleep(20);
    seen = rig.reader.epochs.find(({ epoch }) => epoch > before) ?? null;
  }
  await after();
  const kind = { 'kill -9': 'kill', SIGTERM: 'term', SIGSTOP: 'stop' }[way as string] ?? 'lease-lost';
  happenings.push({ kind, target: holder.name, from: at, to: Date.now() });
  return {
    way,
    holder: holder.name,
    heir: seen?.instance ?? null,
    epoch: seen?.epoch ?? null,
    tookMs: seen === null ? null : seen.at - at,
  };
}

/** Takes the holder away; resolves at once with what brings it back. */
async function undo(rig: Rig, holder: ProductProcess, way: Way): Promise<() => Promise<void>> {
  const nothing = async (): Promise<void> => undefined;
  switch (way) {
    case 'kill -9':
      await holder.end('SIGKILL');
      return async () => holder.start();
    case 'SIGTERM': {
      const ended = holder.end('SIGTERM');
      return async () => {
        await ended;
        holder.start();
      };
    }
    case 'SIGSTOP':
      holder.signal('SIGSTOP');
      return async () => {
        await sleep(1_000);
        holder.signal('SIGCONT');
      };
    case 'lease deleted':
    case 'lease overwritten':
      await loseLease(rig.redis.port, way === 'lease deleted' ? 'deleted' : 'overwritten');
      return nothing;
  }
}

/** Waits until nothing more comes into Kafka for four seconds; a minute at most. */
async function quiet(rig: Rig): Promise<void> {
  let before = -1;
  for (let waited = 0, same = 0; waited < 60 && same < 4; waited += 1) {
    const all = await rig.reader.ends(TICK_TOPICS);
    same = all === before ? same + 1 : 0;
    before = all;
    await sleep(1_000);
  }
}

/** The take-over times by way, as a table. */
export function failOverTable(each: readonly FailOver[]): string {
  const rows = [...Map.groupBy(each, ({ way }) => way)].map(([way, own]) => {
    const times = own.map(({ tookMs }) => tookMs);
    const known = times.filter((ms) => ms !== null).sort((a, b) => a - b);
    const cells = [
      way,
      own.length,
      own.length - known.length,
      known[0] ?? '-',
      known[known.length >> 1] ?? '-',
      known.at(-1) ?? '-',
      times.map((ms) => ms ?? 'none').join(' '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `| fault | fail-overs | none within 15 s | min ms | median ms | max ms | each |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n${rows.join('\n')}`;
}
