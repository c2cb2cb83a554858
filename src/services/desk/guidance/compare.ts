import { type AnswerText, answerParts } from '../../../domain/guidance/answer.ts';
import { factsOf } from '../../../domain/guidance/facts.ts';
import { applyNudges, firedNudges } from '../../../domain/guidance/nudges/apply-nudges.ts';
import { numbersIn } from '../../../domain/guidance/numbers-in.ts';
import { timeOf } from '../../../domain/guidance/payload-fields.ts';
import { isLegalSymbol } from '../../../domain/tick/symbol.ts';
import type { StrategyPayload } from '../../../domain/trade/strategy-payload.ts';
import type { AskModel, Fallback } from './ask-model.ts';
import type { GuidanceSources } from './inputs.ts';
import { makeAnswer, promptInputsOf } from './make-answer.ts';

/** The two answers to one payload: what nudges make of the same answer. */
export interface Pair {
  readonly strategy: string;
  readonly provider: string;
  readonly model: string;
  /** Models that were asked before, and why their answers were not used. */
  readonly fallbacks: readonly Fallback[];
  readonly nudges: readonly { readonly name: string; readonly why: string }[];
  readonly wordsAdded: number;
  /** Numbers that stand in one answer and not in the other: always 0. */
  readonly numbersChanged: number;
  readonly without: AnswerText;
  readonly with: AnswerText;
}

/**
 * Each payload with and without nudges, on one answer of the model. Earlier payloads of the same strategy in the set are its history; each is
 * looked at as of its own time, and without market data.
 */
export async function compare(
  payloads: readonly StrategyPayload[],
  models: AskModel,
  name: string,
  { instrument, accountCurrency }: Pick<GuidanceSources, 'instrument' | 'accountCurrency'>,
  signal: AbortSignal,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const payload of payloads) {
    const earlier = payloads
      .filter((each) => each !== payload && each.strategy === payload.strategy)
      .map((each) => ({ at: timeOf(each) ?? 0, payload: each }));
    const { symbol } = payload.market;
    const facts = factsOf({
      payload,
      analysis: null,
      close: 'none',
      instrument: isLegalSymbol(symbol) ? instrument(symbol) : null,
      accountCurrency,
      rate: null,
      earlier,
      now: timeOf(payload) ?? 0,
    });
    const draft = await makeAnswer(models, name, promptInputsOf(facts, { payload, notes: '', questions: [] }), signal);
    const fired = firedNudges(facts);
    const nudged = applyNudges(draft.text, fired);
    pairs.push({
      strategy: payload.strategy,
      provider: draft.provider,
      model: draft.model,
      fallbacks: draft.fallbacks,
      nudges: fired.map(({ nudge, why }) => ({ name: `${nudge.name}@${nudge.version}`, why })),
      wordsAdded: wordsIn(nudged) - wordsIn(draft.text),
      numbersChanged: changed(draft.text, nudged),
      without: draft.text,
      with: nudged,
    });
  }
  return pairs;
}

const whole = (text: AnswerText): string => answerParts.map((part) => text[part]).join('\n');
const wordsIn = (text: AnswerText): number => whole(text).split(/\s+/).length;

function changed(a: AnswerText, b: AnswerText): number {
  const [before, after] = [a, b].map((text) => numbersIn(whole(text)).map((number) => number.text));
  const missing = (from: string[], of: string[]): number => {
    const left = [...of];
    return from.filter((text) => {
      const at = left.indexOf(text);
      if (at !== -1) left.splice(at, 1);
      return at === -1;
    }).length;
  };
  return missing(before!, after!) + missing(after!, before!);
}
