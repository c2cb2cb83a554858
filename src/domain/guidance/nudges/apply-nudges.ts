import type { AnswerText } from '../answer.ts';
import { type Facts, shownFact } from '../fact.ts';
import { factsIn, holds } from './condition.ts';
import { type Nudge, nudges } from './nudges.ts';

/** A nudge whose condition holds. */
export interface Fired {
  readonly nudge: Nudge;
  /** The facts that its condition looked at and found. */
  readonly why: string;
}

export const firedNudges = (facts: Facts, all: readonly Nudge[] = nudges): Fired[] =>
  all.filter(({ condition }) => holds(condition, facts) === true).map((nudge) => ({ nudge, why: whyOf(nudge, facts) }));

function whyOf({ condition }: Nudge, facts: Facts): string {
  const known = factsIn(condition).flatMap((name) => {
    const value = facts[name];
    return value === null ? [] : [`${name.replaceAll('_', ' ')} is ${shownFact(name, value)}`];
  });
  return known.join(', ');
}

/** The answer with the texts of the nudges added at the end of their parts. It was made before: no number in it changes. */
export function applyNudges(answer: AnswerText, fired: readonly Fired[]): AnswerText {
  const added = (to: Nudge['to']): string =>
    [answer[to], ...fired.filter(({ nudge }) => nudge.to === to).map(({ nudge }) => nudge.text)].join(' ');
  return { ...answer, action: added('action'), journal: added('journal') };
}
