import { type FactName, type Facts, numberOf, shownFact, wordOf } from './fact.ts';

/**
 * What a rule makes of the facts. `block`: the trade must not be taken as it is; `unknown`: whether it may be taken cannot be told before
 * something is known; `caution`: speaks against it; `support`: speaks for it; `plain`: worth saying.
 */
export interface Finding {
  readonly weight: 'block' | 'unknown' | 'caution' | 'support' | 'plain';
  /** In a word or two, for the journal. */
  readonly topic: string;
  readonly text: string;
  /** What to do about it, for the action; absent: nothing. */
  readonly remedy?: string;
}

/** The facts as rules read them. */
export interface Reading {
  readonly facts: Facts;
  number(name: FactName): number | null;
  word(name: FactName): string | null;
  is(name: FactName): boolean;
  /** The fact as it is told; `unknown` where it is missing. */
  told(name: FactName): string;
}

export function reading(facts: Facts): Reading {
  return {
    facts,
    number: (name) => numberOf(facts, name),
    word: (name) => wordOf(facts, name),
    is: (name) => facts[name] === true,
    told: (name) => (facts[name] === null ? 'unknown' : shownFact(name, facts[name])),
  };
}

/** Findings on one topic. */
export function findingsOn(topic: string) {
  const finding =
    (weight: Finding['weight']) =>
    (text: string, remedy?: string): Finding => ({ weight, topic, text, ...(remedy !== undefined && { remedy }) });
  return {
    plain: (text: string): Finding => finding('plain')(text),
    support: (text: string): Finding => finding('support')(text),
    caution: finding('caution'),
    block: (text: string, remedy: string): Finding => finding('block')(text, remedy),
    unknown: (text: string, remedy: string): Finding => finding('unknown')(text, remedy),
  };
}
