import type { Condition, Filter, Point } from '../../ports/vector-index.ts';

type Test = (payload: Point['payload']) => boolean;

/** Tells whether a payload passes; null where every one does. */
export function passing(filter: Filter = []): Test | null {
  if (filter.length === 0) return null;
  const tests = filter.map(testOf);
  return (payload) => tests.every((test) => test(payload));
}

function testOf(condition: Condition): Test {
  const { field } = condition;
  const fits = valueTest(condition);
  // What every object inherits is no plain value, and fits nothing.
  return (payload) => fits(payload[field]);
}

function valueTest(condition: Condition): (value: unknown) => boolean {
  if ('equal' in condition) return (value) => value === condition.equal;
  if ('in' in condition) {
    const allowed = new Set<unknown>(condition.in);
    return (value) => allowed.has(value);
  }
  const { from = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = condition;
  return (value) => typeof value === 'number' && value >= from && value < below;
}
