import { adminClient, closeClient } from '../src/adapters/record-log/kafka-client.ts';
import { KafkaCluster } from '../src/adapters/record-log/kafka-cluster.ts';
import { barTopic } from '../src/domain/bar/bar-topics.ts';
import { tickTopic } from '../src/domain/tick/symbol.ts';
import { NEW_TOPICS } from '../src/services/mirror/delivery.ts';
import { startKafka } from '../test/support/kafka-broker.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { BROKER, clock, openFiles, peakMemory, processorSeconds, SymbolsRig, symbolAt } from './symbols-rig.ts';

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
  // Each look costs the broker something for every topic.
  const lookEvery = Math.max(500, symbols / 3);
  const before = used(rig);
  const begun = clock.now();
  await rig.publish({ symbols, ticks, perSecond: PER_SECOND, from, span: 2 * MINUTE });
  await rig.until(
    'all ticks are in Kafka',
    async () => total(await rig.ends(tickTopics)) - total(ticksBefore) >= ticks,
    LIMIT_MS,
    lookEvery,
  );
  const inKafka = clock.now();
  const written = async (): Promise<number> => {
    const ends = await rig.ends(barTopics);
    return barTopics.reduce(
      (sum, topic) => sum + Math.min(2, (ends.get(topic) ?? 0) - (barsBefore.get(topic) ?? 0)),
      0,
    );
  };
  await rig.until('all bars are written', async () => (await written()) === 2 * symbols, LIMIT_MS, lookEvery);
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
  // The last minutes close by the clock, 5 s after their last tick; what is written then is looked at once more.
  await clock.sleep(20_000);
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

/** One symbol more that is new while others are, and ten that are known, from their publication to Kafka. */
function newSymbolBench(others: number): Benchmark {
  return {
    name: 'symbols-new',
    about: `one tick of a new symbol and of ten known ones, right after the first ticks of ${others.toLocaleString('en')} new symbols, to Kafka`,
    aims: { 's until that of the new symbol is in Kafka': { most: 1 } },
    runs: 3,
    async run(): Promise<Figures> {
      const rig = await SymbolsRig.start();
      try {
        const [known, made, late] = [
          names(10, tickTopic),
          names(others, tickTopic, 'NEW'),
          names(1, tickTopic, 'LATE'),
        ];
        const publish = (symbols: number, prefix: string): Promise<[number, number]> =>
          rig.publish({ symbols, ticks: symbols, perSecond: 1_000_000, from: TEN, span: 0, prefix });
        const holds = async (topics: readonly string[], ticks: number): Promise<boolean> =>
          total(await rig.ends(topics)) >= ticks;
        await publish(10, 'SYM');
        await rig.until('the known symbols are in Kafka', () => holds(known, 10), LIMIT_MS, 20);
        const [, first] = await publish(others, 'NEW');
        const [[, one], [, ten]] = await Promise.all([publish(1, 'LATE'), publish(10, 'SYM')]);
        const seen = async (
          what: string,
          topics: readonly string[],
          ticks: number,
          everyMs: number,
        ): Promise<number> => {
          await rig.until(what, () => holds(topics, ticks), LIMIT_MS, everyMs);
          return clock.now();
        };
        const [knownAt, lateAt, allAt] = await Promise.all([
          seen('the known ones are in Kafka', known, 20, 20),
          seen('the late one is in Kafka', late, 1, 20),
          seen('all are in Kafka', made, others, 250),
        ]);
        return {
          's until that of the new symbol is in Kafka': (lateAt - one) / 1_000,
          's until those of the known ones are': (knownAt - ten) / 1_000,
          's until those of the others are': (allAt - first) / 1_000,
        };
      } finally {
        await rig.dispose();
      }
    },
  };
}

/** What the same broker takes to make topics for a client that does nothing else: less the mirror cannot take. */
function topicsFloor(topics: number): Benchmark {
  return {
    name: 'symbols-new-floor',
    about: `${topics.toLocaleString('en')} topics made by the library alone, some at a time, until each can be written`,
    aims: {},
    runs: 3,
    async run(): Promise<Figures> {
      const kafka = await startKafka({ settings: BROKER, heapMb: 2_048 });
      const options = { brokers: [kafka.bootstrap], clientId: 'bench', clock };
      const admin = adminClient(options);
      try {
        const [made, used] = [names(topics, tickTopic), processorSeconds(kafka.pid)];
        const begun = clock.now();
        for (let i = 0; i < topics; i += NEW_TOPICS)
          await admin.createTopics({ topics: made.slice(i, i + NEW_TOPICS), partitions: 1 });
        const answered = clock.now();
        const cluster = new KafkaCluster(options, admin);
        while ((await cluster.usable(made)).size < topics) await clock.sleep(50);
        return {
          's until the broker has answered': (answered - begun) / 1_000,
          's until all can be written': (clock.now() - begun) / 1_000,
          'broker ms a topic': ((processorSeconds(kafka.pid) - used) * 1_000) / topics,
        };
      } finally {
        await closeClient(options, admin);
        await kafka.dispose();
      }
    },
  };
}

/** A broker holds a file for each partition: one of ticks and one of bars for each symbol, besides those of its own. */
const MOST_SYMBOLS = Math.floor((openFiles() - 1_000) / 2 / 100) * 100;

export const symbols: readonly Benchmark[] = [
  tapeBench(10),
  tapeBench(1_000, { 'mirror at rest %': { most: 3 }, 'candidate at rest %': { most: 3 } }),
  tapeBench(Math.min(10_000, MOST_SYMBOLS)),
  newSymbolBench(1_000),
  topicsFloor(1_000),
];
