import { barTopic } from '../src/domain/bar-topics.ts';
import { tickTopic } from '../src/domain/symbol.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { clock, peakMemory, processorSeconds, SymbolsRig, symbolAt } from './symbols-rig.ts';

/** A minute of event time, 2020-01-30 10:00, in epoch seconds. */
const TEN = Date.UTC(2020, 0, 30, 10) / 1_000;
const MINUTE = 60;
/** Both may be set lower for a machine that is shared. */
const TICKS = Number(process.env.BENCH_TICKS ?? 300_000);
const PER_SECOND = Number(process.env.BENCH_PER_SECOND ?? 20_000);
/** How long a run may wait for one thing, so that a benchmark of slow code ends too. */
const LIMIT_MS = Number(process.env.BENCH_LIMIT_S ?? 240) * 1_000;
const REST_S = 20;

const names = (count: number, topicOf: (symbol: string) => string, prefix?: string): string[] =>
  Array.from({ length: count }, (_, i) => topicOf(symbolAt(i, prefix)));
const bars = (symbol: string): string => barTopic(symbol, '1m');

const used = (rig: SymbolsRig): { mirror: number; candidate: number; broker: number } => ({
  mirror: processorSeconds(rig.mirror.pid),
  candidate: processorSeconds(rig.candidate.pid),
  broker: processorSeconds(rig.kafka.pid),
});

const total = (ends: ReadonlyMap<string, number>): number => [...ends.values()].reduce((sum, end) => sum + end, 0);

/** Publishes `ticks` over two minutes and waits until both minutes of all symbols stand. */
async function tape(rig: SymbolsRig, symbols: number, ticks: number, from: number): Promise<Figures> {
  const [tickTopics, barTopics] = [names(symbols, tickTopic), names(symbols, bars)];
  const [ticksBefore, barsBefore] = [await rig.ends(tickTopics), await rig.ends(barTopics)];
  const before = used(rig);
  const begun = clock.now();
  await rig.publish({ symbols, ticks, perSecond: PER_SECOND, from, span: 2 * MINUTE });
  await rig.until(
    'all ticks are in Kafka',
    async () => total(await rig.ends(tickTopics)) - total(ticksBefore) >= ticks,
    LIMIT_MS,
  );
  const inKafka = clock.now();
  const written = async (): Promise<number> => {
    const ends = await rig.ends(barTopics);
    return barTopics.reduce(
      (sum, topic) => sum + Math.min(2, (ends.get(topic) ?? 0) - (barsBefore.get(topic) ?? 0)),
      0,
    );
  };
  await rig.until('all bars are written', async () => (await written()) === 2 * symbols, LIMIT_MS, 1_000);
  const after = used(rig);
  return {
    'ticks in Kafka %': ((total(await rig.ends(tickTopics)) - total(ticksBefore)) / ticks) * 100,
    'bars written %': ((await written()) / (2 * symbols)) * 100,
    'mirror µs/tick': ((after.mirror - before.mirror) / ticks) * 1e6,
    'candidate µs/tick': ((after.candidate - before.candidate) / ticks) * 1e6,
    'broker µs/tick': ((after.broker - before.broker) / ticks) * 1e6,
    's until in Kafka': (inKafka - begun) / 1_000,
    's until bars written': (clock.now() - begun) / 1_000,
  };
}

/** Shares of a core while nothing comes, in percent. */
async function atRest(rig: SymbolsRig): Promise<Figures> {
  // The last minutes close by the clock, 5 s after their last tick.
  await clock.sleep(12_000);
  const before = used(rig);
  await clock.sleep(REST_S * 1_000);
  const after = used(rig);
  return {
    'mirror at rest %': ((after.mirror - before.mirror) / REST_S) * 100,
    'candidate at rest %': ((after.candidate - before.candidate) / REST_S) * 100,
  };
}

/** Ends the candidate, publishes what closes a minute of every symbol, starts it, and waits until that minute stands. */
async function restart(rig: SymbolsRig, symbols: number, from: number): Promise<Figures> {
  await rig.candidate.end('SIGTERM');
  const barTopics = names(symbols, bars);
  const before = await rig.ends(barTopics);
  // A tick in each of two minutes, and later ones that close both.
  await rig.publish({ symbols, ticks: 3 * symbols, perSecond: PER_SECOND, from, span: 3 * MINUTE });
  await clock.sleep(2_000);
  const begun = clock.now();
  await rig.candidate.start();
  await rig.until(
    'the restarted candidate is level',
    async () => {
      const ends = await rig.ends(barTopics);
      return barTopics.every((topic) => (ends.get(topic) ?? 0) > (before.get(topic) ?? 0));
    },
    LIMIT_MS,
  );
  return {
    's until a restart is level': (clock.now() - begun) / 1_000,
    'processor s of a restart': processorSeconds(rig.candidate.pid),
  };
}

function tapeBench(symbols: number, aims: Benchmark['aims'] = {}): Benchmark {
  return {
    name: `symbols-${symbols}`,
    about: `${TICKS.toLocaleString('en')} ticks at ${PER_SECOND.toLocaleString('en')}/s over ${symbols.toLocaleString('en')} symbols whose topics exist, real Redis to Kafka to bars`,
    aims,
    runs: 1,
    async run(): Promise<Figures> {
      const rig = await SymbolsRig.start();
      try {
        const first = await tape(rig, symbols, 2 * symbols, TEN);
        const figures = await tape(rig, symbols, TICKS, TEN + 10 * MINUTE);
        const [mirror, candidate] = [peakMemory(rig.mirror.pid), peakMemory(rig.candidate.pid)];
        const rest = await atRest(rig);
        const again = symbols > 1_000 ? {} : await restart(rig, symbols, TEN + 20 * MINUTE);
        return {
          's until new symbols are in Kafka': first['s until in Kafka']!,
          's until their bars are written': first['s until bars written']!,
          ...figures,
          ...rest,
          ...again,
          'mirror MB': mirror,
          'candidate MB': candidate,
        };
      } finally {
        await rig.dispose();
      }
    },
  };
}

function newSymbolBench(others: number): Benchmark {
  return {
    name: 'symbols-new',
    about: `from the first tick of a new symbol to Kafka, while ${others.toLocaleString('en')} others are new`,
    aims: { 's until the first tick is in Kafka': { most: 1 } },
    runs: 1,
    async run(): Promise<Figures> {
      const rig = await SymbolsRig.start();
      try {
        // One more than the others, in one burst: the last one counts.
        const made = names(others + 1, tickTopic, 'NEW');
        const publishing = rig.publish({
          symbols: others + 1,
          ticks: others + 1,
          perSecond: 1_000_000,
          from: TEN,
          span: 0,
          prefix: 'NEW',
        });
        const last = made.slice(-1);
        await rig.until('the tick is in Kafka', async () => total(await rig.ends(last)) > 0, LIMIT_MS, 20);
        const seen = clock.now();
        await rig.until('all are', async () => total(await rig.ends(made)) > others, LIMIT_MS, 20);
        const [, sent] = await publishing;
        return {
          's until the first tick is in Kafka': (seen - sent) / 1_000,
          's until all are': (clock.now() - sent) / 1_000,
        };
      } finally {
        await rig.dispose();
      }
    },
  };
}

export const symbols: readonly Benchmark[] = [
  tapeBench(10),
  tapeBench(1_000, { 'mirror at rest %': { most: 3 }, 'candidate at rest %': { most: 3 } }),
  tapeBench(10_000),
  newSymbolBench(1_000),
];
