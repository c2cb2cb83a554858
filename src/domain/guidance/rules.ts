import type { AnswerText } from './answer.ts';
import type { Facts } from './fact.ts';
import { type Finding, reading } from './finding.ts';
import { habitFindings } from './habit-rules.ts';
import { riskFindings } from './limit-rules.ts';
import { answerQuestions } from './questions.ts';
import { signalFindings } from './signal-rules.ts';

/** Rises with every change to what the rules say: a stored answer names the one that made it. */
export const rulesVersion = '2';

/** What the findings come to, from the worst to the best. */
type Stance = 'stand aside' | 'unknown' | 'wait' | 'proceed with care' | 'proceed';

/** Any block outweighs all else, then anything that must be known first; then cautions and supports are counted. */
function stanceOf(findings: readonly Finding[]): Stance {
  const count = (weight: Finding['weight']): number => findings.filter((finding) => finding.weight === weight).length;
  if (count('block') > 0) return 'stand aside';
  if (count('unknown') > 0) return 'unknown';
  const [against, inFavour] = [count('caution'), count('support')];
  if (against === 0 && inFavour > 0) return 'proceed';
  return against < inFavour ? 'proceed with care' : 'wait';
}

const verdicts: Readonly<Record<Stance, string>> = {
  'stand aside': 'Stand aside: a limit or a condition rules this trade out as it is.',
  unknown: 'Wait: something that decides on this trade is unknown.',
  wait: 'Wait: what speaks against the trade is not outweighed by what speaks for it.',
  'proceed with care': 'The trade can be taken with care: more speaks for it than against it.',
  proceed: 'The trade is within its limits, and nothing that is known speaks against it.',
};

const sentences = (findings: readonly Finding[]): string => findings.map(({ text }) => text).join(' ');

function findingsOf(facts: Facts) {
  const read = reading(facts);
  const [signal, risk, habits] = [signalFindings(read), riskFindings(read), habitFindings(read)];
  return { signal, risk, habits, all: [...signal, ...risk, ...habits] };
}

/** The built-in rules: the same facts and questions, the same answer, byte for byte. */
export function answerByRules(facts: Facts, questions: readonly string[]): AnswerText {
  const { signal, risk, habits, all } = findingsOf(facts);
  const against = (['block', 'unknown', 'caution'] as const).flatMap((each) =>
    all.filter(({ weight }) => weight === each),
  );
  const remedies = against.flatMap(({ remedy }) => remedy ?? []);
  return {
    signal: sentences(signal),
    risk: sentences(risk),
    action: [verdicts[stanceOf(all)], ...new Set(remedies)].join(' '),
    journal: [
      sentences(habits),
      reasons('Against the trade', against),
      reasons(
        'For the trade',
        all.filter(({ weight }) => weight === 'support'),
      ),
      ...answerQuestions(questions, facts),
    ]
      .filter((part) => part !== '')
      .join(' '),
  };
}

/** Whether the rules let the trade be taken, with care or without. */
export function mayProceed(facts: Facts): boolean {
  const stance = stanceOf(findingsOf(facts).all);
  return stance !== 'stand aside' && stance !== 'unknown';
}

/** The answer of a model. Where the rules forbid the trade, or cannot judge it, the action is theirs: no model can talk a limit away. */
export const withLimits = (answer: AnswerText, facts: Facts): AnswerText =>
  mayProceed(facts) ? answer : { ...answer, action: answerByRules(facts, []).action };

const reasons = (head: string, findings: readonly Finding[]): string =>
  findings.length === 0 ? '' : `${head}: ${[...new Set(findings.map(({ topic }) => topic))].join(', ')}.`;
