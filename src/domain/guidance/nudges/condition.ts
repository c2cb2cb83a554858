import type { FactName, Facts, FactValue } from '../fact.ts';

export type Comparison = '<' | '<=' | '=' | '>=' | '>';

/** A condition over facts, as data. A comparison with a missing fact is neither true nor false. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly fact: FactName; readonly is: Comparison; readonly value: FactValue }
  /** Against `times` another fact. */
  | { readonly fact: FactName; readonly is: Comparison; readonly times: number; readonly of: FactName };

/** Null: what is known does not tell. */
type Truth = boolean | null;

export function holds(condition: Condition, facts: Facts): Truth {
  if ('all' in condition) return every(condition.all.map((each) => holds(each, facts)));
  if ('any' in condition) return not(every(condition.any.map((each) => not(holds(each, facts)))));
  if ('not' in condition) return not(holds(condition.not, facts));
  const { fact, is } = condition;
  if ('value' in condition) return compare(facts[fact], is, condition.value);
  const base = facts[condition.of];
  return compare(facts[fact], is, typeof base === 'number' ? condition.times * base : null);
}

/** The facts that a condition looks at, in order. */
export function factsIn(condition: Condition): FactName[] {
  const names =
    'all' in condition
      ? condition.all.flatMap(factsIn)
      : 'any' in condition
        ? condition.any.flatMap(factsIn)
        : 'not' in condition
          ? factsIn(condition.not)
          : 'of' in condition
            ? [condition.fact, condition.of]
            : [condition.fact];
  return [...new Set(names)];
}

const not = (truth: Truth): Truth => (truth === null ? null : !truth);
const every = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(null) ? null : true;

function compare(a: FactValue | null, is: Comparison, b: FactValue | null): Truth {
  if (a === null || b === null) return null;
  if (is === '=') return a === b;
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  return is === '<' ? a < b : is === '<=' ? a <= b : is === '>=' ? a >= b : a > b;
}
