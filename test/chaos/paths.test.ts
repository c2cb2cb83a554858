import { expect, onTestFinished, test } from 'vitest';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { RecordLog } from '../../src/ports/record-log.ts';
import { ChaosRig, clock, type Tape, tapeOf } from '../support/chaos-rig.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { redisAvailable } from '../support/redis-server.ts';
import type { ServiceProcess } from '../support/service-process.ts';

/** Where and when faults happen. A failure names it: set it to have the same again. */
const SEED = process.env.PULSE_CHAOS_SEED ?? '1';
const random = (name: string) => seededRandom(SEED).fork(name);

async function rigged(redisArgs: readonly string[] = []): Promise<{ rig: ChaosRig; log: RecordLog }> {
  const rig = await ChaosRig.start(redisArgs);
  const log = rig.log();
  onTestFinished(async () => {
    await log.close();
    await rig.dispose();
  });
  return { rig, log };
}

const countIn = async (log: RecordLog, symbol: string): Promise<number> =>
  (await log.ranges([`ticks.${symbol}`])).reduce((sum, { earliest, end }) => sum + end - earliest, 0);

/** Waits until Kafka has the tape, and both sides have bars like the reference. */
async function settled(rig: ChaosRig, tape: Tape, log: RecordLog, incumbent: boolean): Promise<void> {
  for (const [symbol, own] of Map.groupBy(tape.ticks, (tick) => tick.symbol))
    await rig.until(`all of ${symbol} is in Kafka`, async () => (await countIn(log, symbol)) >= own.length);
  await rig.until(
    'the candidate has the bars',
    async () => (await rig.differences(tape, rig.candidate(log))).length === 0,
  );
  if (!incumbent) return;
  const { side, close } = rig.incumbent();
  await rig
    .until('the incumbent has the bars', async () => (await rig.differences(tape, side)).length === 0)
    .catch(async (error: Error) => {
      throw new Error(`${(await rig.differences(tape, side)).slice(0, 20).join('\n')}\n${error.message}`);
    });
  await close();
}

/** Kills a process at random points until it was killed `times` times. */
async function killing(victim: ServiceProcess, times: number, longestMs: number, name: string): Promise<void> {
  const dice = random(name);
  for (let n = 0; n < times; n += 1) {
    await clock.sleep(dice.next() * longestMs);
    await victim.end('SIGKILL');
    await victim.start(/"event":"service\.started"/);
  }
}

await describeWith(
  `on Redis and Kafka (PULSE_CHAOS_SEED=${SEED})`,
  { ticks: true, engines: [redisAvailable, kafkaAvailable] },
  () => {
    test('30 kills of bars, 10 of the mirror, 6 of the incumbent and Kafka away for 20 s: nothing is lost, every bar is as in the reference', {
      timeout: 900_000,
    }, async () => {
      const { rig, log } = await rigged();
      const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31', 'AUDUSD.truefx.2020-01-30_31']);
      const mirror = rig.process(['mirror'], 'mirror');
      const candidate = rig.process(['bars', '--source', 'kafka'], 'candidate');
      const incumbent = rig.process(['bars', '--source', 'redis'], 'incumbent');
      await Promise.all([mirror.start(), candidate.start(), incumbent.start()]);
      await rig.until('the incumbent subscribes', () => /resumesFrom/.test(incumbent.printed));
      await clock.sleep(1_000);
      const publishing = rig.publish(tape, 2_000);
      const kafkaAway = async (): Promise<void> => {
        // A busy machine publishes slowly.
        await rig.until('half is out', () => rig.published > tape.ticks.length / 2, 300_000);
        await rig.kafka.kill();
        await clock.sleep(20_000);
        await rig.kafka.start();
      };
      await Promise.all([
        publishing,
        killing(candidate, 30, 4_000, 'candidate'),
        killing(mirror, 10, 10_000, 'mirror'),
        killing(incumbent, 6, 16_000, 'incumbent'),
        kafkaAway(),
      ]);
      await settled(rig, tape, log, true);
      expect(await rig.losses(tape, log)).toEqual([]);
      expect((await rig.gaps(log)).some(({ reason }) => reason === 'crash')).toBe(true);
    });

    test('two, then three members of bars that join and leave 10 times, by signal and by kill', {
      timeout: 300_000,
    }, async () => {
      const { rig, log } = await rigged();
      const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31', 'AUDUSD.truefx.2020-01-30_31']);
      const mirror = rig.process(['mirror'], 'mirror');
      const members = [0, 1, 2].map((n) => rig.process(['bars', '--source', 'kafka'], `bars-${n}`));
      await Promise.all([mirror.start(), members[0]!.start(), members[1]!.start()]);
      await clock.sleep(1_000);
      const publishing = rig.publish(tape, 4_000);
      const dice = random('members');
      await members[2]!.start();
      for (let n = 0; n < 10; n += 1) {
        await clock.sleep(500 + dice.next() * 3_000);
        const member = members[dice.int(members.length)]!;
        await member.end(n % 2 === 0 ? 'SIGTERM' : 'SIGKILL');
        await clock.sleep(dice.next() * 1_500);
        await member.start(/"event":"service\.started"/);
      }
      await publishing;
      await settled(rig, tape, log, false);
      expect(await rig.losses(tape, log)).toEqual([]);
    });

    test('Redis restarted in the middle', { timeout: 200_000 }, async () => {
      const { rig, log } = await rigged();
      const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31']);
      const mirror = rig.process(['mirror'], 'mirror');
      const candidate = rig.process(['bars', '--source', 'kafka'], 'candidate');
      const incumbent = rig.process(['bars', '--source', 'redis'], 'incumbent');
      await Promise.all([mirror.start(), candidate.start(), incumbent.start()]);
      await clock.sleep(1_000);
      const publishing = rig.publish(tape, 8_000);
      for (const share of [0.3, 0.6]) {
        await rig.until('so much is out', () => rig.published > tape.ticks.length * share);
        // A publisher that is told nothing of its last batch has to send it again: that would be its doing.
        rig.held = true;
        await clock.sleep(300);
        await rig.redis.stop();
        await clock.sleep(1_500);
        await rig.redis.start();
        // Published before the subscribers are back: what they missed is filled from the stream.
        rig.held = false;
      }
      await publishing;
      await settled(rig, tape, log, true);
      expect(await rig.losses(tape, log)).toEqual([]);
    });

    test('a mirror that stalls until Redis cuts it off', { timeout: 200_000 }, async () => {
      const { rig, log } = await rigged(['--client-output-buffer-limit', 'pubsub 1mb 1mb 1']);
      const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31']);
      const mirror = rig.process(['mirror'], 'mirror');
      const candidate = rig.process(['bars', '--source', 'kafka'], 'candidate');
      await Promise.all([mirror.start(), candidate.start()]);
      await clock.sleep(1_000);
      const publishing = rig.publish(tape, 6_000);
      await rig.until('a tenth is out', () => rig.published > tape.ticks.length / 10);
      mirror.signal('SIGSTOP');
      // The socket takes some before the server's buffer grows.
      await rig.until('nine tenths are out', () => rig.published > tape.ticks.length * 0.9);
      mirror.signal('SIGCONT');
      await publishing;
      await settled(rig, tape, log, false);
      expect(await rig.losses(tape, log)).toEqual([]);
      const gap = (await rig.gaps(log)).find(({ reason }) => reason === 'overflow');
      expect(gap).toMatchObject({ status: 'closed' });
      expect(gap!.filled).toBeGreaterThan(0);
    });

    test('without streams, what a killed mirror missed stands in open gaps, and nothing else is missing', {
      timeout: 200_000,
    }, async () => {
      const { rig, log } = await rigged();
      const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31']);
      const mirror = rig.process(['mirror'], 'mirror');
      await mirror.start();
      await clock.sleep(1_000);
      await Promise.all([rig.publish(tape, 6_000, 0), killing(mirror, 4, 3_000, 'no streams')]);
      await rig.until('nothing more comes', async () => {
        const before = await countIn(log, 'EURUSD');
        await clock.sleep(2_000);
        return before > 0 && before === (await countIn(log, 'EURUSD'));
      });
      expect(await countIn(log, 'EURUSD')).toBeLessThan(tape.ticks.length);
      expect(await rig.losses(tape, log)).toEqual([]);
      const gaps = await rig.gaps(log);
      expect(gaps.filter(({ reason, status }) => reason === 'crash' && status === 'open').length).toBeGreaterThan(0);
      // The checker is worth something: without the gap records it finds the loss.
      const { losses } = await import('../support/loss-checker.ts');
      const published = tape.ticks.map(({ payload }) => ({ payload: payload.toString(), ts: 0 }));
      expect(losses('EURUSD', published, [], [])).toHaveLength(tape.ticks.length);
    });
  },
);
