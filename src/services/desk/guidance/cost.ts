import type { ModelAnswer, ModelRequest } from '../../../ports/language-model.ts';
import type { ModelLimits } from './registered-model.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Tokens of a text, roughly: a quarter of its characters. */
const estimatedTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);

/** Of everything that is sent. */
export const inputTokens = ({ system, prompt, schema }: ModelRequest): number =>
  estimatedTokens(system.length + prompt.length + JSON.stringify(schema).length);

/** US dollars; null where the price is not known. */
export function costOf(price: ModelLimits['price'], input: number, output: number): number | null {
  return price === null ? null : (price.input * input + price.output * output) / 1_000_000;
}

/** What an answer cost: by the provider's count, or by a rough one where it gave none. */
export const costOfAnswer = (price: ModelLimits['price'], request: ModelRequest, answer: ModelAnswer): number | null =>
  costOf(
    price,
    answer.tokens.input ?? inputTokens(request),
    answer.tokens.output ?? estimatedTokens(JSON.stringify(answer.object).length),
  );
