import { expect, test } from 'vitest';
import { type MirrorLimits, MirrorRig, type RunningMirror } from '../../../test/support/mirror-rig.ts';
import { REJECTED_TOPIC } from '../../domain/tape/rejected.ts';

/** A mirror that has its first 20 ticks in the log. */
async function mirrored(limits: MirrorLimits = {}): Promise<{ rig: MirrorRig; first: RunningMirror }> {
  const rig = await MirrorRig.open();
  const first = rig.start('one', limits);
  await rig.until('it is subscribed', () => first.tape.subscribed);
  await rig.publish(20);
  await rig.until('the first ticks are in the log', async () => (await rig.countOf()) === 20);
  // So that it is known where the stream begins, before anything is lost.
  if (limits.backFill !== false) await rig.until('the stream was looked at', () => first.tape.begin !== null);
  await rig.clock.sleep(1_500);
  return { rig, first };
}

/** Redis goes away for a moment, in which ticks are published. */
async function blink(rig: MirrorRig, missed: number): Promise<void> {
  rig.pubsub.cut();
  await rig.publish(missed);
  rig.pubsub.join();
}

/** What it has is in the log: on a busy machine the moments that an end may take (of the fast clock) are not enough, and it would be parked. */
const delivered = (rig: MirrorRig, { tape }: RunningMirror): Promise<void> =>
  rig.until('nothing waits', () => tape.waiting.memory + tape.waiting.disk === 0);

const ends = {
  SIGTERM: (m: RunningMirror) => m.stop(),
  SIGKILL: (m: RunningMirror) => m.kill(),
} as const;

test('what was missed in a moment without Redis is filled in, and the gap closed', async () => {
  const { rig, first } = await mirrored();
  await blink(rig, 10);
  await rig.publish(10);
  await rig.until('all is in the log', async () => (await rig.countOf()) === 40);
  await first.stop();
  expect(await rig.losses()).toEqual([]);
  expect((await rig.gaps()).find(({ reason }) => reason === 'disconnect')).toMatchObject({
    status: 'closed',
    filled: 10,
  });
});

test.each([
  'SIGTERM',
  'SIGKILL',
] as const)('after %s while the log is away, the next run brings what was missed, too', async (signal) => {
  const { rig, first } = await mirrored();
  rig.moods.away = true;
  await rig.publish(5);
  await blink(rig, 10);
  await rig.publish(10);
  // Long enough for a fill that is told too early.
  await rig.clock.sleep(3_000);
  await ends[signal](first);
  rig.moods.away = false;
  const second = rig.start('two');
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 45);
  await rig.publish(5);
  await delivered(rig, second);
  await second.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(50);
  expect((await rig.gaps()).filter(({ from, status }) => from !== null && status === 'open')).toEqual([]);
});

test.each([
  'SIGTERM',
  'SIGKILL',
] as const)('the same where the log takes no more than the spool can give while ticks come, then %s', async (signal) => {
  const { rig, first } = await mirrored({ memoryBytes: 10_000 });
  rig.moods.away = true;
  await rig.publish(100);
  await blink(rig, 10);
  await rig.publish(100);
  await rig.until('ticks are on disk', () => first.tape.waiting.disk > 0);
  await ends[signal](first);
  rig.moods.away = false;
  const second = rig.start('two');
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 230);
  await second.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(230);
});

test.each([
  'SIGTERM',
  'SIGKILL',
] as const)('without streams the gap of a run that ended by %s while the log was away stays told', async (signal) => {
  const { rig, first } = await mirrored({ backFill: false });
  rig.moods.away = true;
  await rig.publish(5);
  await blink(rig, 10);
  await rig.publish(10);
  await ends[signal](first);
  rig.moods.away = false;
  const second = rig.start('two', { backFill: false });
  await rig.until('it is subscribed', () => second.tape.subscribed);
  await rig.publish(5);
  await delivered(rig, second);
  await second.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBeLessThan(50);
});

test('a start while the log is away for long receives at once, and doubles nothing once the log answers', async () => {
  const { rig, first } = await mirrored();
  await first.stop();
  rig.moods.away = true;
  await rig.publish(3);
  const second = rig.start('two');
  await rig.until('it is subscribed', () => second.tape.subscribed);
  await rig.publish(4);
  await blink(rig, 5);
  await rig.publish(6);
  await rig.clock.sleep(8_000);
  expect(second.journal.codes()).toContain('engine.lost');
  rig.moods.away = false;
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 38);
  await second.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(38);
  expect((await rig.gaps()).filter(({ from }) => from !== null)).toMatchObject([
    { reason: 'start', status: 'closed', filled: 3 },
    { reason: 'disconnect', status: 'closed', filled: 5 },
  ]);
});

test('a run that never saw the log leaves all it received, and its gaps, to the next', async () => {
  const { rig, first } = await mirrored();
  await first.stop();
  rig.moods.away = true;
  const second = rig.start('two');
  await rig.until('it is subscribed', () => second.tape.subscribed);
  await rig.publish(4);
  await blink(rig, 5);
  await rig.publish(6);
  await second.stop();
  rig.moods.away = false;
  const third = rig.start('three');
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 35);
  await third.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(35);
});

test('a gap that lasts to the end of a run is filled by the next', async () => {
  const { rig, first } = await mirrored();
  rig.pubsub.cut();
  await rig.publish(7);
  await first.stop();
  await rig.publish(8);
  rig.pubsub.join();
  const second = rig.start('two');
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 35);
  await second.stop();
  expect(await rig.losses()).toEqual([]);
  expect((await rig.gaps()).filter(({ from }) => from !== null)).toMatchObject([
    { id: 'one-2', reason: 'disconnect', status: 'closed', filled: 15 },
  ]);
});

test('a symbol that is quiet between two gaps is filled once', async () => {
  const { rig, first } = await mirrored();
  await rig.publish(3, 'GBPUSD');
  await rig.until('both are in the log', async () => (await rig.countOf('GBPUSD')) === 3);
  rig.moods.away = true;
  rig.pubsub.cut();
  await rig.publish(4, 'GBPUSD');
  await rig.publish(4);
  rig.pubsub.join();
  await rig.publish(2);
  rig.pubsub.cut();
  await rig.publish(5, 'GBPUSD');
  rig.pubsub.join();
  await rig.publish(6, 'GBPUSD');
  await rig.clock.sleep(2_000);
  rig.moods.away = false;
  await rig.until('all is in the log', async () => (await rig.countOf('GBPUSD')) >= 18);
  await first.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf('GBPUSD')).toBe(18);
});

test('what an earlier run brought into the log, but still has on disk, is not brought again', async () => {
  const { rig, first } = await mirrored();
  rig.moods.away = true;
  await rig.publish(10);
  await first.stop();
  rig.moods.away = false;
  // It takes them, the answer is lost, and so is the process.
  rig.moods.forgetful = true;
  const second = rig.start('two');
  await rig.until('the log has them', async () => (await rig.countOf()) === 30);
  await second.kill();
  rig.moods.forgetful = false;
  const third = rig.start('three');
  await rig.publish(5);
  await rig.until('the spool is empty', () => third.tape.waiting.disk === 0 && third.tape.subscribed);
  await third.stop();
  expect(await rig.losses()).toEqual([]);
  expect(await rig.countOf()).toBe(35);
});

test('ticks that the log took without an answer are not sent again', async () => {
  const { rig, first } = await mirrored();
  rig.moods.forgetful = true;
  await rig.publish(10);
  await rig.until('the log has them', async () => (await rig.countOf()) === 30);
  rig.moods.forgetful = false;
  await rig.publish(10);
  await rig.until('all is in the log', async () => (await rig.countOf()) >= 40);
  await first.stop();
  expect(await rig.losses()).toEqual([]);
});

test('a tick that its topic does not take is rejected, and those around it go on', async () => {
  const { rig, first } = await mirrored();
  rig.moods.limit = (topic) => (topic === 'ticks.EURUSD' ? 1_000 : Number.POSITIVE_INFINITY);
  rig.moods.away = true;
  await rig.publish(3);
  await rig.publish(1, 'EURUSD', `,"note":"${'x'.repeat(2_000)}"`);
  await rig.publish(3);
  await rig.publish(2, 'GBPUSD');
  rig.moods.away = false;
  await rig.until(
    'the others are in the log',
    async () => (await rig.countOf()) >= 26 && (await rig.countOf('GBPUSD')) >= 2,
  );
  await first.stop();
  const [refused, ...more] = await rig.records(REJECTED_TOPIC);
  expect(more).toEqual([]);
  expect(refused!.headers.get('reason')?.toString()).toBe('tick.too-large');
  expect(refused!.value!.length).toBeGreaterThan(2_000);
  expect(await rig.losses()).toEqual([expect.stringContaining('"id":24')]);
  expect(await rig.countOf()).toBe(26);
});

test('of a tick that is too large for every topic, as much is kept as there is room for', async () => {
  const { rig, first } = await mirrored();
  rig.moods.limit = (topic) => (topic === REJECTED_TOPIC ? 700 : 1_000);
  await rig.publish(1, 'EURUSD', `,"note":"${'x'.repeat(2_000)}"`);
  await rig.publish(1);
  await rig.until('the next is in the log', async () => (await rig.countOf()) === 21);
  await first.stop();
  expect((await rig.records(REJECTED_TOPIC)).map(({ value }) => value!.length)).toEqual([expect.closeTo(512, -2)]);
});

test('no tick is in the log before what tells of the gap before it', async () => {
  const { rig, first } = await mirrored({ backFill: false });
  rig.moods.gapless = true;
  await blink(rig, 5);
  await rig.publish(5);
  await rig.clock.sleep(3_000);
  expect(await rig.countOf()).toBe(20);
  await first.kill();
  rig.moods.gapless = false;
  const second = rig.start('two', { backFill: false });
  await rig.until('it is subscribed', () => second.tape.subscribed);
  await rig.publish(5);
  await rig.until('they are in the log', async () => (await rig.countOf()) >= 25);
  await second.stop();
  expect(await rig.losses()).toEqual([]);
});

test('gap records that the log did not get are written by the next run', async () => {
  const { rig, first } = await mirrored({ backFill: false });
  rig.moods.gapless = true;
  await rig.publish(5, 'GBPUSD');
  await first.stop();
  rig.moods.gapless = false;
  await (await mirroredAgain(rig)).stop();
  // A symbol's first tick says nothing of those before it: the gap at the start does.
  expect(await rig.gaps()).toContainEqual(
    expect.objectContaining({ id: 'one-1', symbols: expect.objectContaining({ GBPUSD: expect.anything() }) }),
  );
});

async function mirroredAgain(rig: MirrorRig): Promise<RunningMirror> {
  const next = rig.start('next', { backFill: false });
  await rig.until('all is in the log', () => next.tape.subscribed && next.tape.waiting.disk === 0);
  return next;
}
