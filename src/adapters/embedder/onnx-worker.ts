// Runs a sentence transformer: in a thread of its own, because each text holds it up for some 10 ms.
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Tokenizer } from '@huggingface/tokenizers';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { OnnxAnswer, OnnxCall, OnnxWorkerData } from './onnx-calls.ts';

const port = parentPort!;
const { model, tokenizer, tokenizerConfig, maxLength, pooling } = workerData as OnnxWorkerData;
/** No token of a text that is worth reading is longer. */
const CHARACTERS_PER_TOKEN = 50;

interface Loaded {
  vectorOf(text: string): Promise<Float32Array>;
}

async function load(): Promise<Loaded> {
  const words = new Tokenizer(JSON.parse(tokenizer), JSON.parse(tokenizerConfig));
  const ort = await import('onnxruntime-web').catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('onnxruntime-web is not installed; run: npm install --no-save onnxruntime-web@1.30');
  });
  ort.env.logLevel = 'error';
  // More threads would come on top of this one, and take the processors from what serves requests.
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(await readFile(model), { executionProviders: ['wasm'] });
  const asTensor = (values: readonly number[]): Tensor =>
    new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  return {
    // One at a time: a quantised model scales by what is in the batch, so that the company of a text would change its vector.
    async vectorOf(text) {
      const ids = cut(words, text);
      const all: Readonly<Record<string, () => Tensor>> = {
        input_ids: () => asTensor(ids),
        attention_mask: () => asTensor(ids.map(() => 1)),
        token_type_ids: () => asTensor(ids.map(() => 0)),
      };
      const feeds: Record<string, Tensor> = {};
      for (const name of session.inputNames) {
        const make = all[name];
        if (make === undefined) throw new Error(`the model asks for an input ${name}: it is no sentence transformer`);
        feeds[name] = make();
      }
      return pooled(await session.run(feeds));
    },
  };
}

/** The tokens of a text, at most `maxLength`; those that mark its end stay. */
function cut(words: Tokenizer, text: string): number[] {
  const { ids } = words.encode(text.slice(0, maxLength * CHARACTERS_PER_TOKEN));
  if (ids.length <= maxLength) return ids;
  const empty = words.encode('').ids;
  let ending = 0;
  while (ending < empty.length - 1 && empty.at(-1 - ending) === ids.at(-1 - ending)) ending += 1;
  return [...ids.slice(0, maxLength - ending), ...ids.slice(ids.length - ending)];
}

/** One vector from those of the tokens, unless the model did that itself. */
function pooled(outputs: InferenceSession.ReturnType): Float32Array {
  const { dims, data } = outputs.sentence_embedding ?? outputs.last_hidden_state ?? Object.values(outputs)[0]!;
  if (!(data instanceof Float32Array)) throw new Error('the model does not answer in 32-bit floats');
  const width = dims.at(-1)!;
  if (dims.length === 2 || pooling === 'cls') return data.slice(0, width);
  const sums = new Float64Array(width);
  for (let i = 0; i < data.length; i += 1) sums[i % width]! += data[i]!;
  return Float32Array.from(sums);
}

const failure = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const post = (answer: OnnxAnswer): void => port.postMessage(answer);

const loaded = load();
loaded.then(
  () => post({ id: 0, vector: new Float32Array() }),
  (error: unknown) => post({ id: 0, failed: failure(error) }),
);

// detached: a failure is the answer
port.on('message', async ({ id, text }: OnnxCall) => {
  try {
    post({ id, vector: await (await loaded).vectorOf(text) });
  } catch (error) {
    post({ id, failed: failure(error) });
  }
});
