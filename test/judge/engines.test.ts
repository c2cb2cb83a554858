import { expect, test } from 'vitest';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { play } from './play.ts';
import { redisMissing } from './redis-process.ts';
import type { Scenario } from './scenario.ts';
import { judge, summary } from './verdict.ts';

const LIMIT_MS = 170_000;
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
        await reader.trim('ticks.EURUSD', 3);
        await reader.double('ticks.GBPUSD', 5);
      });
      const { figures } = judge(evidence);
      const forgotten = planted.publishers * Math.floor(figures.published / planted.publishers / 1_000);
      expect(figures.doubled).toBe(1);
      // Of each publisher every thousandth; how many each made differs a little.
      expect(figures.lost).toBeGreaterThanOrEqual(3 + forgotten - planted.publishers);
      expect(figures.lost).toBeLessThanOrEqual(3 + forgotten + planted.publishers);
      expect(forgotten).toBeGreaterThan(1);
    },
    LIMIT_MS,
  );
});
