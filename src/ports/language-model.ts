/** What a model is asked. It is given no tools. */
export interface ModelRequest {
  /** Instructions; the only text that the model is to follow. */
  readonly system: string;
  /** The question with its material. Untrusted text stands in it between delimiters. */
  readonly prompt: string;
  /** JSON Schema of the object to answer with. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** The answer is cut off there, and then refused. */
  readonly maxOutputTokens: number;
}

export interface ModelAnswer {
  /** The object, parsed; whether it fits the schema is for the caller to check. */
  readonly object: unknown;
  /** As the provider counts them; null where it does not say. */
  readonly tokens: { readonly input: number | null; readonly output: number | null };
  /** The model that answered, as the provider names it. */
  readonly model: string;
}

/** A language model of a provider. */
export interface LanguageModel {
  /** `openai`, `anthropic`, `ollama`. */
  readonly provider: string;
  readonly model: string;
  /**
   * One try, given up when `signal` aborts. Rejects with `model.unavailable` (retry; its evidence has `begun` where a part of the answer had
   * come, which may cost), `model.rate-limited` (retry; its evidence has `retryAfterMs` where the provider said it), `model.refused` (the
   * key, the model's name or the request is wrong), `model.answer` (no JSON, cut off, or a tool call), or `model.timeout` where `signal`
   * aborted.
   */
  generate(request: ModelRequest, signal: AbortSignal): Promise<ModelAnswer>;
  /** Resolves with null where the provider answers and has the model, or with why it cannot be told whether it has. Rejects as `generate`. */
  check(signal: AbortSignal): Promise<string | null>;
}
