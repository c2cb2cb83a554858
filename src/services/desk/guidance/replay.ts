import { type AnswerText, answerParts } from '../../../domain/guidance/answer.ts';
import { completeFacts } from '../../../domain/guidance/fact.ts';
import { applyNudges, firedNudges } from '../../../domain/guidance/nudges/apply-nudges.ts';
import type { GuidanceCall } from '../../../stores/guidance-calls.ts';
import type { AskModel } from './ask-model.ts';
import type { StoredInputs } from './guidance.ts';
import { makeAnswer, promptInputsOf, RULES } from './make-answer.ts';

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
  const stored = call.inputs as StoredInputs;
  const facts = completeFacts(stored.facts);
  const inputs = promptInputsOf(facts, stored);
  const draft = await makeAnswer(models, call.stub ? RULES : stored.asked, inputs, signal);
  const again = applyNudges(draft.text, call.endpoint === 'simple' ? [] : firedNudges(facts));
  const before = call.answer as AnswerText;
  return {
    call,
    again: { ...again, provider: draft.provider, model: draft.model },
    same: answerParts.every((part) => before[part] === again[part]),
    samePrompt: inputs.promptHash === call.promptHash,
  };
}
