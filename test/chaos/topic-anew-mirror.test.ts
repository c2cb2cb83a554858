import { Admin } from '@platformatic/kafka';
import { expect, onTestFinished, test } from 'vitest';
import { redisPubSub } from '../../src/adapters/pub-sub/redis.ts';
import { recordsOf } from '../../src/services/reconcile/log-pages.ts';
import { ChaosRig, clock } from '../support/chaos-rig.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable } from '../support/redis-server.ts';

/* A topic of ticks is deleted under a running mirror, by an operator or by a tool that copies clusters. */

await describeWith('a topic that is deleted under the mirror', { engines: [redisAvailable, kafkaAvailable] }, () => {
  test.each(['made anew by the operator', 'left to the mirror'])('%s: the mirror goes on, and what it wrote is there', {
    timeout: 120_000,
  }, async (how) => {
    const rig = await ChaosRig.start();
    const log = rig.log();
    const admin = new Admin({ clientId: 'operator', bootstrapBrokers: [rig.kafka.bootstrap] });
    const pubSub = redisPubSub({ url: rig.redis.url, clock });
    onTestFinished(async () => {
      await Promise.all([log.close(), admin.close(), pubSub.close()]);
      await rig.dispose();
    });
    const mirror = rig.process(['mirror'], 'mirror', { BACK_FILL: 'false' });
    await mirror.start();
    const publish = (symbol: string, from: number, count: number): Promise<void> =>
      pubSub.publish(
        Array.from({ length: count }, (_, i) => ({
          channel: `ticks.${symbol}`,
          payload: Buffer.from(JSON.stringify({ ts: 1_580_378_400 + from + i, price: 1.1, id: `${from + i}` })),
        })),
      );
    const ids = async (symbol: string): Promise<number[]> => {
      const found: number[] = [];
      for await (const { value } of recordsOf(log, `ticks.${symbol}`))
        found.push(Number((JSON.parse(value!.toString()) as { id: string }).id));
      return found;
    };
    const arrives = (symbol: string, id: number): Promise<void> =>
      rig.until(`${id} of ${symbol} is in Kafka`, async () => (await ids(symbol)).includes(id));
    const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
    await clock.sleep(1_000);
    await Promise.all([publish('EURUSD', 0, 1_500), publish('GBPUSD', 0, 10)]);
    await Promise.all([arrives('EURUSD', 1_499), arrives('GBPUSD', 9)]);
    await admin.deleteTopics({ topics: ['ticks.EURUSD'] });
    await rig.until('it is gone', async () => !(await log.topics()).includes('ticks.EURUSD'));
    if (how === 'made anew by the operator') await log.createTopics([{ topic: 'ticks.EURUSD' }]);
    for (let from = 1_500; from < 1_600; from += 20) await publish('EURUSD', from, 20);
    await publish('GBPUSD', 10, 10);
    await Promise.all([arrives('EURUSD', 1_599), arrives('GBPUSD', 19)]);
    expect(await ids('EURUSD')).toEqual(numbers(1_500, 1_600));
    expect(await ids('GBPUSD')).toEqual(numbers(0, 20));
    expect(mirror.running).toBe(true);
  });
});
