import { expect, test } from 'vitest';
import { scenarioOf } from './scenario.ts';

const thirty = Array.from({ length: 30 }, (_, i) => scenarioOf(i + 1));

test('the same seed gives the same scenario, another seed another', () => {
  expect(scenarioOf(7)).toEqual(scenarioOf(7));
  expect(new Set(thirty.map((each) => JSON.stringify(each.acts))).size).toBe(30);
});

test('thirty seeds have every kind of fault, mirrors alone and in pairs, with streams and without', () => {
  const kinds = new Set(thirty.flatMap(({ acts }) => acts.map(({ kind }) => kind)));
  const all = 'kill term stop lag-kill kafka-away kafka-slow redis-away redis-drop lease-lost symbols burst';
  expect([...kinds].sort()).toEqual(all.split(' ').sort());
  const targets = new Set(thirty.flatMap(({ acts }) => acts.flatMap((act) => ('target' in act ? [act.target] : []))));
  expect([...targets].sort()).toEqual(['candidate', 'holder', 'incumbent', 'standby']);
  for (const key of ['pair', 'streams', 'candidate', 'incumbent', 'behind', 'early'] as const)
    expect(new Set(thirty.map((each) => each[key])).size, key).toBe(2);
  const thousands = thirty.filter(({ acts }) =>
    acts.some((act) => act.kind === 'symbols' && act.symbols.length >= 1_000),
  );
  expect(thousands.length).toBeGreaterThanOrEqual(5);
  const colliding = thirty.filter((each) => each.colliding.length > 0);
  expect(colliding.length).toBeGreaterThanOrEqual(10);
  expect(colliding.some(({ pair }) => pair)).toBe(true);
});
