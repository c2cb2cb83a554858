/** Turns texts into vectors: texts of like meaning lie close together. */
export interface Embedder {
  /** Model and form, such as `onnx:all-MiniLM-L6-v2@1f0d3c5a`: vectors of different names are never compared. */
  readonly name: string;
  /** Length of the vectors. Rejects as `embed`. */
  dimensions(signal: AbortSignal): Promise<number>;
  /**
   * A vector of length 1 for each text, in order; the same text gives the same vector. Longer texts are cut off at the model's limit. One try:
   * rejects with `embedder.unavailable` (retry; its evidence has `retryAfterMs` where the server said it) or `embedder.refused`, and with the
   * signal's reason once that aborts.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}
