import { expect, onTestFinished, test } from 'vitest';
import { encodeBar, parseBar } from '../../src/domain/bar/bar-codec.ts';
import type { NewRecord, RecordLog } from '../../src/ports/record-log.ts';
import { recordsOf } from '../../src/services/reconcile/log-pages.ts';
import type { SideSource } from '../../src/services/reconcile/side-source.ts';
import { ChaosRig, clock, tapeOf } from '../support/chaos-rig.ts';
import { kafkaAvailable } from '../support/kafka-broker.ts';
import { describeWith } from '../support/needs.ts';
import { readPartition } from '../support/read-partition.ts';
import { redisAvailable } from '../support/redis-server.ts';
import type { ServiceProcess } from '../support/service-process.ts';

/* A member of bars is stopped (SIGSTOP, as a virtual machine that is moved) until the group has handed its partitions over. */

const MINUTE = 60_000;

async function rigged(): Promise<{ rig: ChaosRig; log: RecordLog }> {
  const rig = await ChaosRig.start();
  const log = rig.log();
  onTestFinished(async () => {
    await log.close();
    await rig.dispose();
  });
  return { rig, log };
}

/** A side as a reader has it who keeps the last record of each key, as compaction does. */
const lastPerKey = (side: SideSource): SideSource => ({
  ...side,
  read: async (symbol) => {
    const data = await side.read(symbol);
    return { ...data, bars: [...new Map(data.bars.map((bar) => [bar.start, bar])).values()] };
  },
});

/** What every record of the symbol's bars says: `10:00 n=4`, in the order written. */
async function written(log: RecordLog, symbol: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { value } of recordsOf(log, `bars.${symbol}.1m`)) {
    const { start, n } = parseBar(value!);
    found.push(`${new Date(start).toISOString().slice(11, 16)} n=${n}`);
  }
  return found;
}

/** Resolves when a member has open minutes, as its metrics tell. */
async function untilItHasOpenBars(rig: ChaosRig, member: ServiceProcess): Promise<void> {
  const address = /"address":"([^"]+)"/.exec(member.printed)![1]!;
  await rig.until('the member has taken the ticks', async () =>
    /^pulse_bars_open\{[^}]*\} [1-9]/m.test(await (await fetch(new URL('/metrics', address))).text()),
  );
}

await describeWith('a paused member of bars', { ticks: true, engines: [redisAvailable, kafkaAvailable] }, () => {
  test('that wakes after another one wrote its minute leaves it as it is, and what it had under way is put right', {
    timeout: 240_000,
  }, async () => {
    const { rig, log } = await rigged();
    await log.createTopics([{ topic: 'ticks.EURUSD' }]);
    const base = Date.UTC(2020, 0, 30, 10);
    const tick = (seconds: number): NewRecord => ({
      topic: 'ticks.EURUSD',
      key: 'EURUSD',
      value: Buffer.from(JSON.stringify({ ts: base + seconds * 1_000, price: 1.1, volume: 1 })),
    });
    const env = { BARS_IDLE_CLOSE_MS: '25000' };
    const [first, second] = ['first', 'second'].map((name) => rig.process(['bars', '--source', 'kafka'], name, env));
    await first!.start();
    await log.append([tick(1), tick(10)]);
    await untilItHasOpenBars(rig, first!);
    first!.signal('SIGSTOP');
    const stopped = clock.monotonic();
    await log.append([tick(30), tick(50), tick(70), tick(123)]);
    await second!.start();
    const whole = ['10:00 n=4', '10:01 n=1'];
    await rig.until('the second member has written', async () => (await written(log, 'EURUSD')).length === 2);
    expect(await written(log, 'EURUSD')).toEqual(whole);
    // Long enough that for the first one, when it wakes, its minute is idle.
    await rig.until('it is late', () => clock.monotonic() - stopped > 30_000);
    first!.signal('SIGCONT');
    await rig.until('the last minute is closed by the clock', async () => (await written(log, 'EURUSD')).length > 2);
    expect([...new Set(await written(log, 'EURUSD'))]).toEqual([...whole, '10:02 n=1']);

    // What the first one had sent before it was stopped may arrive only now.
    const [record] = await readPartition(log, 'bars.EURUSD.1m', 0, 0, 1);
    const late = { ...parseBar(record!.value!), n: 2, volume: '2', digest: '00000000000000ff' };
    const headers = new Map([['at', JSON.stringify({ partition: 0, position: 2 })]]);
    await log.append([{ topic: 'bars.EURUSD.1m', key: record!.key, value: Buffer.from(encodeBar(late)), headers }]);
    await rig.until('its owner has written it again', async () => {
      const last = new Map((await written(log, 'EURUSD')).map((text) => [text.slice(0, 5), text]));
      return last.get('10:00') === '10:00 n=4';
    });
    const after = await written(log, 'EURUSD');
    expect(after.slice(-2)).toEqual(['10:00 n=2', '10:00 n=4']);
    expect(base % MINUTE).toBe(0);
  });

  test('and another one, in turn, over a whole tape: every bar is as in the reference, by all versions and by the last', {
    timeout: 400_000,
  }, async () => {
    const { rig, log } = await rigged();
    const tape = await tapeOf(['EURUSD.histdata.2020-01-30_31', 'AUDUSD.truefx.2020-01-30_31']);
    const mirror = rig.process(['mirror'], 'mirror');
    const members = [0, 1].map((n) => rig.process(['bars', '--source', 'kafka'], `bars-${n}`));
    await Promise.all([mirror, ...members].map((each) => each.start()));
    await clock.sleep(1_000);
    const publishing = rig.publish(tape, 2_500);
    for (const member of [...members, ...members]) {
      await clock.sleep(4_000);
      member.signal('SIGSTOP');
      // Longer than a session.
      await clock.sleep(14_000);
      member.signal('SIGCONT');
    }
    await publishing;
    for (const side of [rig.candidate(log), lastPerKey(rig.candidate(log))])
      await rig.until('the bars are there', async () => (await rig.differences(tape, side)).length === 0);
    expect(await rig.losses(tape, log)).toEqual([]);
  });
});
