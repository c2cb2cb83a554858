import { expect, test } from 'vitest';
import { FetchSession, type SessionPlace } from './kafka-fetch-session.ts';

const place = (topic: string, from: number, partition = 0, id = `id of ${topic}`): SessionPlace => ({
  topic,
  id,
  partition,
  from,
});

/** What a request names: `<topic>/<partition>@<offset>`, and with a minus what is forgotten. */
function named(session: FetchSession<SessionPlace>, places: readonly SessionPlace[], byId = true): string[] {
  const { topics, forgotten } = session.changes(places, byId, 1_000);
  return [
    ...topics.flatMap(({ topicId, partitions }) =>
      partitions.map(({ partition, fetchOffset }) => `${topicId}/${partition}@${fetchOffset}`),
    ),
    ...forgotten.flatMap(({ topicId, partitions }) => partitions.map((partition) => `-${topicId}/${partition}`)),
  ];
}

test('a request names the partitions that changed since the one before, and those that are wanted no more', () => {
  const session = new FetchSession();
  expect(named(session, [place('ticks.DAX', 5), place('ticks.SPX', 7, 1)])).toEqual([
    'id of ticks.DAX/0@5',
    'id of ticks.SPX/1@7',
  ]);
  session.answered(12);
  expect([session.id, session.epoch]).toEqual([12, 1]);
  expect(named(session, [place('ticks.DAX', 5), place('ticks.SPX', 7, 1)])).toEqual([]);
  session.answered(12);
  expect(named(session, [place('ticks.DAX', 6), place('ticks.FTSE', 0)])).toEqual([
    'id of ticks.DAX/0@6',
    'id of ticks.FTSE/0@0',
    '-id of ticks.SPX/1',
  ]);
  session.answered(12);
  expect(session.epoch).toBe(3);
});

test('a topic that was made anew under its name takes the place of the old one', () => {
  const session = new FetchSession();
  named(session, [place('ticks.DAX', 5)]);
  session.answered(12);
  expect(named(session, [place('ticks.DAX', 0, 0, 'another')])).toEqual(['another/0@0', '-id of ticks.DAX/0']);
});

test('an answer is for the place that was asked for last', () => {
  const session = new FetchSession();
  named(session, [place('ticks.DAX', 5)]);
  session.answered(12);
  const again = place('ticks.DAX', 5);
  expect(named(session, [again])).toEqual([]);
  expect(session.at('id of ticks.DAX', 0)).toBe(again);
  expect(session.at('id of ticks.SPX', 0)).toBeUndefined();
});

test('a broker without room for sessions is told of all each time, and one that knows no ids by name', () => {
  const session = new FetchSession();
  for (let request = 0; request < 2; request += 1) {
    expect(named(session, [place('ticks.DAX', 5)], false)).toEqual(['ticks.DAX/0@5']);
    session.answered(0);
    expect([session.id, session.epoch]).toEqual([0, 0]);
  }
});
