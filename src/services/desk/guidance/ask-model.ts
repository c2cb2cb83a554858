import type { ModelInfo } from '../../../domain/desk/guidance-answer.ts';
import type { ModelRequest } from '../../../ports/language-model.ts';

/** A model that was asked and whose answer was not used. */
export interface Fallback {
  readonly model: string;
  readonly code: string;
  readonly reason: string;
}

/** Null: the answer may be used; otherwise why not. */
export type Accept = (object: unknown) => string | null;

export type ModelOutcome =
  | {
      readonly outcome: 'answer';
      readonly object: unknown;
      /** In the registry. */
      readonly name: string;
      readonly provider: string;
      readonly model: string;
      readonly tokens: { readonly input: number | null; readonly output: number | null };
      readonly cost: number | null;
      readonly latencyMs: number;
      readonly fallbacks: readonly Fallback[];
    }
  /** No model of the chain gave an answer that could be used. */
  | { readonly outcome: 'none'; readonly fallbacks: readonly Fallback[] };

/** The registry of models. */
export interface AskModel {
  /** Configured names, in order; without any, the rules answer. */
  readonly names: readonly string[];
  /** Provider and model that a name stands for; null where the name is unknown. */
  identity(name: string): { readonly provider: string; readonly model: string } | null;
  /** Asks the model, and those of its chain after it until `accept` takes an answer. Rejects with `model.unknown`, or where `signal` aborts. */
  ask(name: string, request: ModelRequest, accept: Accept, signal: AbortSignal): Promise<ModelOutcome>;
  models(signal: AbortSignal): Promise<ModelInfo[]>;
}
