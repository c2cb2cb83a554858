import { expect, onTestFinished, test } from 'vitest';
import { ChaosRig, clock, tapeOf } from '../support/chaos-rig.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable } from '../support/redis-server.ts';

await describeWith(
  'a mirror that stops while Kafka is away',
  { ticks: true, engines: [redisAvailable, kafkaAvailable] },
  () => {
    test.each([
      'SIGTERM',
      'SIGKILL',
    ] as const)('by %s, Redis having blinked, and starts before Kafka is back: nothing is lost or doubled, every gap is closed', {
      timeout: 300_000,
    }, async (signal) => {
      const rig = await ChaosRig.start();
      const log = rig.log();
      onTestFinished(async () => {
        await log.close();
        await rig.dispose();
      });
      const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31']);
      const reached = (share: number): Promise<void> =>
        rig.until(`${share} of the tape is out`, () => rig.published > tape.ticks.length * share);
      const mirror = rig.process(['mirror'], 'mirror');
      await mirror.start();
      await clock.sleep(1_000);
      const publishing = rig.publish(tape, 3_000);
      await reached(0.1);
      await rig.kafka.kill();
      await reached(0.2);
      rig.held = true;
      await clock.sleep(300);
      await rig.redis.stop();
      await clock.sleep(1_000);
      await rig.redis.start();
      // Published before the mirror is back: what it missed is filled from the stream.
      rig.held = false;
      await reached(0.3);
      // Long enough for the gap to be filled, as far as it can be without Kafka.
      await clock.sleep(3_000);
      await mirror.end(signal);
      await clock.sleep(500);
      await mirror.start();
      // Longer than a start would wait for Kafka, did it wait.
      await clock.sleep(8_000);
      await rig.kafka.start();
      await publishing;
      await rig.until('all is in Kafka', async () => {
        const ranges = await log.ranges(['ticks.EURUSD']);
        return ranges.reduce((sum, { earliest, end }) => sum + end - earliest, 0) >= tape.ticks.length;
      });
      await mirror.end('SIGTERM');
      expect(await rig.losses(tape, log)).toEqual([]);
      const gaps = (await rig.gaps(log)).filter(({ from }) => from !== null);
      expect(gaps.map(({ status }) => status)).toEqual(gaps.map(() => 'closed'));
      expect(gaps.reduce((sum, { filled }) => sum + filled, 0)).toBeGreaterThan(0);
    });
  },
);
