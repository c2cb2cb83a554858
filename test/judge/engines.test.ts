import { expect, test } from 'vitest';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { play } from './play.ts';
import { redisMissing } from './redis-process.ts';
import type { Scenario } from './scenario.ts';
import { judge, summary } from './verdict.ts';

const LIMIT_MS = 170_000;
/** Records that are deleted from a topic that gets several hundred a second, for three seconds. */
const TRIMMED = 400;
const heard: string[] = [];
const say = (line: string): void => void heard.push(line);

const short: Scenario = {
  seed: 1,
  publishMs: 9_000,
  perSecond: 2_000,
  symbols: ['EURUSD', 'GBPUSD', 'XAUUSD', 'BTCUSD', 'AAPL'],
  shared: null,
  publishers: 2,
  streams: true,
  pair: false,
  candidate: true,
  incumbent: true,
  behind: true,
  early: false,
  memoryMb: 64,
  acts: [
    { kind: 'kill', at: 3_000, target: 'holder', downMs: 500 },
    { kind: 'symbols', at: 6_000, symbols: ['NEW0', 'NEW1'], each: 10 },
  ],
  colliding: [],
  forgetsEvery: 0,
};

await describeWith('the judge on real engines', { engines: [redisMissing, kafkaAvailable] }, () => {
  test(
    'a mirror that is killed loses and doubles nothing, and the bars of both sides are right',
    async () => {
      const { faults, figures } = judge(await play(short, say));
      expect(summary(faults), heard.join('\n')).toEqual([]);
      expect(figures.published).toBeGreaterThan(10_000);
      expect(figures.inKafka + figures.inGaps).toBe(figures.published);
      expect(figures.bars).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  test(
    'a tick that was never sent, records that are deleted from Kafka and one that is written twice are found',
    async () => {
      const planted: Scenario = {
        ...short,
        publishMs: 3_000,
        acts: [],
        candidate: false,
        incumbent: false,
        forgetsEvery: 1_000,
      };
      const evidence = await play(planted, say, async ({ reader }) => {
        await reader.trim('ticks.EURUSD', TRIMMED);
        await reader.double('ticks.GBPUSD', 5);
      });
      const { figures } = judge(evidence);
      // Of each publisher every thousandth.
      const forgotten = [...Map.groupBy(evidence.published, ({ publisher }) => publisher).values()].reduce(
        (sum, own) => sum + Math.floor(own.length / 1_000),
        0,
      );
      expect(figures.doubled).toBe(1);
      expect(forgotten).toBeGreaterThan(1);
      // The first of what was deleted may lie in the gap with which the mirror begins.
      expect(figures.lost).toBeGreaterThan(forgotten + TRIMMED / 2);
      expect(figures.lost).toBeLessThanOrEqual(forgotten + TRIMMED);
    },
    LIMIT_MS,
  );
});
