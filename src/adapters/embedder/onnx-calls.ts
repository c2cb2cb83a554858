import type { OnnxFolder } from './onnx-folder.ts';

/** What the thread that runs the model is made with. */
export type OnnxWorkerData = Pick<OnnxFolder, 'model' | 'tokenizer' | 'tokenizerConfig' | 'maxLength' | 'pooling'>;

/** What it is sent. */
export interface OnnxCall {
  readonly id: number;
  readonly text: string;
}

/** What it answers; `id` 0: that the model is loaded, or is not. The vector is not yet of length 1. */
export type OnnxAnswer =
  | { readonly id: number; readonly vector: Float32Array }
  | { readonly id: number; readonly failed: string };
