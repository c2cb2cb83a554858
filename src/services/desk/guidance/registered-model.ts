import type { LanguageModel } from '../../../ports/language-model.ts';

/** What holds for a model of the registry. */
export interface ModelLimits {
  /** For all tries together, the waits between them included. */
  readonly timeoutMs: number;
  /** After the first try. */
  readonly retries: number;
  readonly maxOutputTokens: number;
  /** Null: no cap. */
  readonly maxInputTokens: number | null;
  readonly maxCostUsdPerCall: number | null;
  /** By UTC day. */
  readonly maxCostUsdPerDay: number | null;
  /** US dollars for a million tokens; null: not known, so that nothing is counted. */
  readonly price: { readonly input: number; readonly output: number } | null;
  /** Calls at the same time. */
  readonly concurrency: number;
  /** Names of the registry, asked in this order where this model gives no answer that can be used. */
  readonly fallback: readonly string[];
}

export interface RegisteredModel extends ModelLimits {
  readonly name: string;
  readonly model: LanguageModel;
}
