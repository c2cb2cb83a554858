import { canonicalJson } from '../../../domain/base/canonical-json.ts';
import { type AnswerText, answerSchema } from '../../../domain/guidance/answer.ts';
import type { Facts } from '../../../domain/guidance/fact.ts';
import { grounded } from '../../../domain/guidance/grounding.ts';
import { type Material, type Prompt, promptOf } from '../../../domain/guidance/prompt.ts';
import { answerByRules, rulesVersion, withLimits } from '../../../domain/guidance/rules.ts';
import type { StrategyPayload } from '../../../domain/trade/strategy-payload.ts';
import type { AskModel, Fallback } from './ask-model.ts';
import { sha256 } from './digest.ts';

/** The name under which the rules can be chosen. */
export const RULES = 'rules';
export const RULES_MODEL = `${RULES}@${rulesVersion}`;

/** Four texts of 4,000 characters at most, with room for a model's thinking. */
const MAX_OUTPUT_TOKENS = 4_000;

/** An answer before nudges, and what made it. */
export interface DraftAnswer {
  readonly text: AnswerText;
  readonly provider: string;
  readonly model: string;
  /** The name in the registry of the model that answered; null: the rules. */
  readonly name: string | null;
  /** Whether the rules made it. */
  readonly stub: boolean;
  readonly reused: boolean;
  readonly tokens: { readonly input: number | null; readonly output: number | null };
  readonly cost: number | null;
  readonly fallbacks: readonly Fallback[];
}

/** What the prompt is made of, and the prompt. */
export interface PromptInputs extends Material {
  readonly payload: StrategyPayload;
  readonly facts: Facts;
  readonly prompt: Prompt;
  /** Hex SHA-256 of the whole prompt. */
  readonly promptHash: string;
}

/** The question as it is put to models, and hashed. */
export function promptInputsOf(
  facts: Facts,
  { payload, notes, questions }: Pick<PromptInputs, 'payload' | 'notes' | 'questions'>,
): PromptInputs {
  const prompt = promptOf(facts, { payload, notes, questions }, sha256);
  return {
    facts,
    payload,
    notes,
    questions,
    prompt,
    promptHash: sha256(canonicalJson([prompt.system, prompt.prompt])),
  };
}

/** The answer of the named model, or of one of its chain; the rules answer where they are named, and where no model's answer can be used. */
export async function makeAnswer(
  models: AskModel,
  name: string,
  inputs: PromptInputs,
  signal: AbortSignal,
): Promise<DraftAnswer> {
  const { prompt, facts } = inputs;
  if (name === RULES) return byRules(inputs, []);
  const { symbol } = inputs.payload.market;
  const accept = (object: unknown): string | null => {
    const read = grounded(object, facts, prompt, symbol);
    return 'reason' in read ? read.reason : null;
  };
  const outcome = await models.ask(
    name,
    { system: prompt.system, prompt: prompt.prompt, schema: answerSchema, maxOutputTokens: MAX_OUTPUT_TOKENS },
    accept,
    signal,
  );
  if (outcome.outcome === 'none') return byRules(inputs, outcome.fallbacks);
  const { provider, model, tokens, cost, fallbacks } = outcome;
  const read = grounded(outcome.object, facts, prompt, symbol);
  // What `accept` does not take is not given, whoever says that it was accepted.
  if ('reason' in read)
    return byRules(inputs, [...fallbacks, { model: outcome.name, code: 'model.answer', reason: read.reason }]);
  return {
    text: withLimits(read.answer, facts),
    provider,
    model,
    name: outcome.name,
    stub: false,
    reused: false,
    tokens,
    cost,
    fallbacks,
  };
}

const byRules = ({ facts, questions }: PromptInputs, fallbacks: readonly Fallback[]): DraftAnswer => ({
  text: answerByRules(facts, questions),
  provider: RULES,
  model: RULES_MODEL,
  name: null,
  stub: true,
  reused: false,
  tokens: { input: null, output: null },
  cost: null,
  fallbacks,
});
