import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../ports/clock.ts';
import type { TopicSelector } from '../../ports/record-log.ts';
import { systemClock } from '../clock/system.ts';
import { acquire, type Environment, release } from './lmdb-environment.ts';
import { committedPositions, Member, SESSION_MS } from './lmdb-member.ts';
import { Topics } from './lmdb-topics.ts';

let env: Environment;
let topics: Topics;
let now: number;
/** A clock that stands where a test puts it. */
const clock: Clock = { ...systemClock(), now: () => now };

beforeEach(async () => {
  now = 1_772_539_200_000;
  const path = await mkdtemp(join(tmpdir(), 'pulse-member-'));
  env = acquire(path);
  topics = new Topics(env);
  onTestFinished(async () => {
    await release(env);
    await rm(path, { recursive: true });
  });
});

const make = (topic: string, partitions: number): Promise<unknown> =>
  env.transaction(() => topics.make([{ topic, partitions }]));
const member = (selector: TopicSelector = { match: /^ticks/ }): Member =>
  new Member(env, topics, clock, 'bars', selector);
const holds = (m: Member): string[] => m.held.map(({ topic, partition }) => `${topic.name} ${partition}`);

/** Lets each member do what there is to do, until there is nothing. */
async function settle(...all: Member[]): Promise<void> {
  while (all.some(({ due }) => due)) for (const m of all) await m.tend();
}

test.each`
  partitions | members | shares
  ${4}       | ${1}    | ${[4]}
  ${4}       | ${2}    | ${[2, 2]}
  ${4}       | ${3}    | ${[1, 1, 2]}
  ${2}       | ${3}    | ${[0, 1, 1]}
  ${7}       | ${3}    | ${[2, 2, 3]}
`('$partitions partitions are shared $shares by $members members', async ({ partitions, members, shares }) => {
  await make('ticks', partitions);
  const all = Array.from({ length: members }, () => member());
  await settle(...all);
  expect(all.map(({ held }) => held.length).sort()).toEqual(shares);
  expect(new Set(all.flatMap(holds)).size).toBe(partitions);
});

test('a member that joins takes what the others give up, and they keep the rest', async () => {
  await make('ticks', 6);
  const one = member();
  await settle(one);
  const before = [...one.held];
  const two = member();
  await settle(two, one);
  expect(one.held).toHaveLength(3);
  expect(one.held.every((held) => before.includes(held))).toBe(true);
  expect(new Set([...holds(one), ...holds(two)]).size).toBe(6);
});

test('topics that only one of two members consumes are all its own', async () => {
  await make('ticks', 4);
  await make('bars', 3);
  const both = member({ match: /./ });
  const bars = member({ topics: ['bars'] });
  await settle(both, bars);
  expect(holds(both).filter((at) => at.startsWith('ticks'))).toHaveLength(4);
  expect([...holds(both), ...holds(bars)].filter((at) => at.startsWith('bars')).sort()).toEqual([
    'bars 0',
    'bars 1',
    'bars 2',
  ]);
  expect(holds(bars).length).toBeGreaterThan(0);
});

test('a member that was silent for a session loses its partitions, and its late commit changes nothing', async () => {
  await make('ticks', 2);
  const silent = member();
  await silent.tend();
  await silent.commit([{ topic: 'ticks', partition: 0, offset: 10 }]);
  now += SESSION_MS;
  const other = member();
  await other.tend();
  expect(holds(other)).toEqual(['ticks 0', 'ticks 1']);
  expect(other.held[0]!.position).toBe(10);
  await other.commit([{ topic: 'ticks', partition: 0, offset: 20 }]);
  await silent.commit([{ topic: 'ticks', partition: 0, offset: 15 }]);
  expect(committedPositions(env, 'bars')).toEqual([{ topic: 'ticks', partition: 0, offset: 20 }]);
  await settle(silent, other);
  expect([...holds(silent), ...holds(other)].sort()).toEqual(['ticks 0', 'ticks 1']);
});

test('a member that says that it lives keeps its partitions', async () => {
  await make('ticks', 2);
  const one = member();
  await one.tend();
  now += SESSION_MS - 1;
  await one.renew();
  now += SESSION_MS - 1;
  const two = member();
  await two.tend();
  expect(holds(two)).toEqual([]);
});

test('a member that leaves gives all to the others', async () => {
  await make('ticks', 4);
  const [one, two] = [member(), member()];
  await settle(one, two);
  await one.leave();
  expect(two.due).toBe(true);
  await settle(two);
  expect(holds(two)).toHaveLength(4);
});

test('what was handed out and not committed is handed out again after a rewind', async () => {
  await make('ticks', 1);
  const one = member();
  await one.tend();
  one.held[0]!.position = 30;
  await one.commit([{ topic: 'ticks', partition: 0, offset: 20 }]);
  one.rewind();
  expect(one.held[0]!.position).toBe(20);
});
