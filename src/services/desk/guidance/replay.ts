import { type AnswerText, answerParts } from '../../../domain/guidance/answer.ts';
import { completeFacts } from '../../../domain/guidance/fact.ts';
import { applyNudges, firedNudges } from '../../../domain/guidance/nudges/apply-nudges.ts';
import type { GuidanceCall } from '../../../stores/guidance-calls.ts';
import type { AskModel } from './ask-model.ts';
import type { StoredInputs } from './guidance.ts';
import { askedOf, makeAnswer, RULES } from './make-answer.ts';

export interface Replay {
  readonly call: GuidanceCall;
  /** The answer as it is made now, of the stored inputs, and what made it. */
  readonly again: AnswerText & { readonly provider: string; readonly model: string };
  /** Whether the four texts are the stored ones, byte for byte. */
  readonly same: boolean;
  /** Whether the inputs still make the prompt that was hashed: a later version of Pulse may ask otherwise. */
  readonly samePrompt: boolean;
}

/** Makes the answer of a stored call again: by the rules where they made it, else by the model that was asked. Rejects with `model.unknown`. */
export async function replay(call: GuidanceCall, models: AskModel, signal: AbortSignal): Promise<Replay> {
  const inputs = call.inputs as StoredInputs;
  const facts = completeFacts(inputs.facts);
  const asked = askedOf(facts, inputs);
  const made = await makeAnswer(models, call.stub ? RULES : inputs.asked, asked, signal);
  const again = applyNudges(made.text, call.endpoint === 'simple' ? [] : firedNudges(facts));
  const stored = call.answer as AnswerText;
  return {
    call,
    again: { ...again, provider: made.provider, model: made.model },
    same: answerParts.every((part) => stored[part] === again[part]),
    samePrompt: asked.promptHash === call.promptHash,
  };
}
