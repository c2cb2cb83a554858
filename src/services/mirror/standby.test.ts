import { expect, test } from 'vitest';
import { MirrorRig, type RunningMirror } from '../../../test/support/mirror-rig.ts';

interface Pair {
  readonly rig: MirrorRig;
  readonly holder: RunningMirror;
  readonly standby: RunningMirror;
}

/** Two mirrors of the same ticks, each with a disk of its own; 20 ticks of EURUSD are in the log. */
async function pair(limits = {}): Promise<Pair> {
  const rig = await MirrorRig.open();
  const holder = rig.start('one', { ...limits, disk: 'disk-one' });
  await rig.until('the first holds the lease', () => holder.readiness().detail === 'mirrors');
  const standby = rig.start('two', { ...limits, disk: 'disk-two' });
  await rig.until('the second stands by', () => standby.readiness().detail.startsWith('standby'));
  await rig.publish(20);
  await rig.until('the first ticks are in the log', async () => (await rig.countOf()) === 20);
  await settle(rig);
  return { rig, holder, standby };
}

/** A mirror that cannot read streams; 20 ticks of EURUSD are in the log. */
async function withoutStreams(): Promise<Pick<Pair, 'rig' | 'holder'>> {
  const rig = await MirrorRig.open();
  const holder = rig.start('one', { disk: 'disk-one', backFill: false });
  await rig.until('it holds the lease', () => holder.readiness().detail === 'mirrors');
  await rig.publish(20);
  await rig.until('the first ticks are in the log', async () => (await rig.countOf()) === 20);
  await settle(rig);
  return { rig, holder };
}

/** Long enough for the holder to tell through when everything is in the log, and the standby to forget what was before. */
const settle = (rig: MirrorRig): Promise<void> => rig.clock.sleep(50_000);

const mirrors = ({ rig }: Pair, mirror: RunningMirror): Promise<void> =>
  rig.until('it mirrors', () => mirror.readiness().detail === 'mirrors');

/** Gaps of which something is known before. */
const gapsIn = async ({ rig }: Pair) => (await rig.gaps()).filter(({ from }) => from !== null);

test('of two mirrors one writes, and the other says that it stands by', async () => {
  const { rig, standby } = await pair();
  await rig.publish(10);
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 30);
  await rig.clock.sleep(2_000);
  expect(await rig.countOf()).toBe(30);
  expect(standby.readiness()).toEqual({ ready: true, detail: expect.stringContaining('that one holds') });
});

test.each([
  'SIGTERM',
  'SIGKILL',
] as const)('after %s of the holder the standby goes on without a gap', async (signal) => {
  const both = await pair();
  const { rig, holder, standby } = both;
  await rig.publish(5);
  await (signal === 'SIGTERM' ? holder.stop() : holder.kill());
  await rig.publish(5);
  await mirrors(both, standby);
  await rig.publish(5);
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 35);
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(35);
  expect(await gapsIn(both)).toEqual([]);
});

test('what the holder had not brought while the log was away, new symbols among it, the standby brings', async () => {
  const both = await pair();
  const { rig, holder, standby } = both;
  rig.moods.away = true;
  await rig.publish(5);
  await rig.publish(20, 'NEWCOIN');
  await holder.kill();
  await rig.publish(5, 'NEWCOIN');
  rig.moods.away = false;
  await mirrors(both, standby);
  await rig.until('all is in the log', async () => (await rig.countOf('NEWCOIN')) >= 25);
  expect(await rig.losses()).toEqual([]);
  expect([await rig.countOf(), await rig.countOf('NEWCOIN')]).toEqual([25, 25]);
  expect(await gapsIn(both)).toEqual([]);
});

test('a gap that the holder told of and did not come to fill is closed under its own id once the standby has brought all', async () => {
  const both = await pair();
  const { rig, holder, standby } = both;
  rig.pubsub.cut();
  await rig.publish(5);
  rig.moods.away = true;
  rig.pubsub.join();
  rig.moods.away = false;
  await rig.until('it is told', async () => (await gapsIn(both)).some(({ instance }) => instance === 'one'));
  rig.moods.away = true;
  await holder.kill();
  rig.moods.away = false;
  await mirrors(both, standby);
  await rig.publish(5);
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 30);
  await rig.until('all gaps are closed', async () => (await gapsIn(both)).every(({ status }) => status === 'closed'));
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(30);
});

test('a standby whose subscription was on its way when it took over doubles nothing of what the holder had brought meanwhile', async () => {
  const both = await pair();
  const { rig, holder, standby } = both;
  standby.line.cut();
  await rig.publish(5);
  standby.line.joinLate();
  await rig.publish(15);
  await rig.until('the holder has brought it', async () => (await rig.countOf()) === 40);
  await holder.kill();
  await rig.publish(5);
  await rig.until('it has taken over', () => standby.journal.codes().includes('lease.taken'));
  await rig.clock.sleep(3_000);
  standby.line.arrive();
  await rig.publish(5);
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 50);
  await rig.clock.sleep(3_000);
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(50);
});

test('what the holder brought after a gap that stayed open the standby knows, however little that is', async () => {
  const both = await pair({ backFill: false });
  const { rig, holder, standby } = both;
  holder.line.cut();
  await rig.publish(10);
  holder.line.joinLate();
  holder.line.arrive();
  await rig.publish(3);
  await rig.until('the holder has brought it', async () => (await rig.countOf()) === 23);
  await holder.kill();
  await rig.publish(5);
  await mirrors(both, standby);
  await rig.publish(5);
  await rig.until('the last ticks are in the log', async () => (await rig.countOf()) >= 33);
  await rig.clock.sleep(3_000);
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(33);
});

test('a mirror that lost its lease stands by, and goes on when it gets it again', async () => {
  const both = await pair();
  const { rig, holder, standby } = both;
  for (let round = 1; round <= 4; round += 1) {
    const held = await rig.lease.current('ticks.*');
    await rig.lease.release('ticks.*', held!.holder, held!.epoch);
    await rig.publish(5);
    const former = held!.holder === 'one' ? holder : standby;
    await rig.until('it is told', () => former.journal.codes().includes('lease.lost'));
    await rig.until('one mirrors', () => [holder, standby].some(({ readiness }) => readiness().detail === 'mirrors'));
    await rig.publish(5);
    await rig.until('all is in the log', async () => (await rig.countOf()) >= 20 + 10 * round);
    expect(await rig.losses()).toEqual([]);
    expect(await rig.countOf()).toBe(20 + 10 * round);
  }
  expect(await gapsIn(both)).toEqual([]);
});

// What the log was told of it last was that it was not gone through yet, and it was taken for one that what is held lies over.
test('a gap that cannot be filled stays open, though the lease was lost before the log was told so', async () => {
  const { rig, holder } = await withoutStreams();
  const lasting = async () => (await rig.gaps()).filter(({ from }) => from !== null);
  rig.pubsub.cut();
  await rig.publish(5);
  await rig.until('the log is told of the gap', async () => (await lasting()).length === 1);
  rig.moods.away = true;
  rig.pubsub.join();
  await rig.publish(5);
  await rig.clock.sleep(5_000);
  const held = await rig.lease.current('ticks.*');
  await rig.lease.release('ticks.*', held!.holder, held!.epoch);
  await rig.until('it is told', () => holder.journal.codes().includes('lease.lost'));
  rig.moods.away = false;
  await rig.until('it mirrors again', () => holder.readiness().detail === 'mirrors');
  await rig.publish(5);
  await rig.until('the last ticks are in the log', async () => (await rig.countOf()) >= 30);
  await rig.clock.sleep(20_000);
  expect(await lasting()).toMatchObject([{ status: 'open', symbols: { EURUSD: expect.anything() } }]);
});

// A standby forgets what is older, and took such a gap for one over which all that it held lay.
test('what the holder tells whoever may take over goes no further than a gap of which the log does not know all', async () => {
  const { rig } = await withoutStreams();
  rig.moods.away = true;
  const cutAt = rig.clock.now();
  rig.pubsub.cut();
  await rig.clock.sleep(20_000);
  rig.pubsub.join();
  const through = async (): Promise<number> => {
    const { note } = (await rig.lease.current('ticks.*'))!;
    return rig.clock.now() - note!.ageMs - (JSON.parse(note!.text) as { ageMs: number }).ageMs;
  };
  await settle(rig);
  expect(await through()).toBeLessThan(cutAt + 5_000);
  rig.moods.away = false;
  await rig.until('it is told', async () => (await rig.gaps()).some(({ from }) => from !== null));
  await settle(rig);
  expect(await through()).toBeGreaterThan(cutAt + 20_000);
});

test('a standby that came late, and without streams, tells the gap between what is proven and its own beginning', async () => {
  const { rig, holder } = await withoutStreams();
  rig.moods.away = true;
  await rig.publish(10);
  await rig.publish(3, 'NEWCOIN');
  await rig.clock.sleep(20_000);
  const standby = rig.start('two', { disk: 'disk-two', backFill: false });
  await rig.until('the second stands by', () => standby.readiness().detail.startsWith('standby'));
  await holder.kill();
  rig.moods.away = false;
  await rig.until('it mirrors', () => standby.readiness().detail === 'mirrors');
  await rig.publish(5);
  await rig.until('the last ticks are in the log', async () => (await rig.countOf()) >= 25);
  const [gap] = (await rig.gaps()).filter(({ from }) => from !== null);
  expect(gap).toMatchObject({ status: 'open', unseen: true, symbols: { EURUSD: expect.anything() } });
  expect((await rig.losses()).filter((line) => line.startsWith('EURUSD'))).toEqual([]);
});

test('a standby knows what the holder brought, however long that had waited since it arrived', async () => {
  const rig = await MirrorRig.open();
  const holder = rig.start('one', { disk: 'disk-one', lagMs: 45_000 });
  await rig.until('the first holds the lease', () => holder.readiness().detail === 'mirrors');
  const standby = rig.start('two', { disk: 'disk-two' });
  await rig.until('the second stands by', () => standby.readiness().detail.startsWith('standby'));
  await rig.publish(40);
  await rig.until('the first ticks are in the log', async () => (await rig.countOf()) >= 40);
  await holder.kill();
  await rig.publish(10);
  await rig.until('it mirrors', () => standby.readiness().detail === 'mirrors');
  await rig.publish(5);
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 55);
  await rig.clock.sleep(3_000);
  expect(await rig.countOf()).toBe(55);
  expect(await rig.losses()).toEqual([]);
});
