/** Turns texts into vectors: texts of like meaning lie close together. */
export interface Embedder {
  /** Model and form, such as `onnx:all-MiniLM-L6-v2`: vectors of different names are never compared. */
  readonly name: string;
  /** Length of the vectors. */
  dimensions(): Promise<number>;
  /** A vector of length 1 for each text, in order. Longer texts are cut off at the model's limit. Rejects with `embedder.unavailable` (retry) or `embedder.refused`. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
  close(): Promise<void>;
}
