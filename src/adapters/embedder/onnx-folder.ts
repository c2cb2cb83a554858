import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { PulseError } from '../../domain/errors/errors.ts';

/** A sentence transformer on disk, as its publishers lay it out. */
export interface OnnxFolder {
  /** `onnx:<folder>@<digest>`: the digest is of the files that decide the vectors. */
  readonly name: string;
  readonly model: string;
  readonly tokenizer: string;
  /** The text of `tokenizer_config.json`, or `{}`. */
  readonly tokenizerConfig: string;
  /** Tokens, those at the ends included. */
  readonly maxLength: number;
  readonly pooling: 'mean' | 'cls';
}

const MODELS = ['model.onnx', 'onnx/model.onnx'];
/** Where no file says it: what BERT can take. */
const LONGEST = 512;

const tokens = z.number().optional().catch(undefined);
const limits = z.object({
  max_seq_length: tokens,
  model_max_length: tokens,
  max_position_embeddings: tokens,
  truncation: z.object({ max_length: tokens }).nullish().catch(undefined),
});
const poolings = z.object({
  pooling_mode_cls_token: z.boolean().optional(),
  pooling_mode_mean_tokens: z.boolean().optional(),
});

/** Reads what is in the folder beside the model itself. Rejects with `embedder.refused`, which names EMBEDDER_PATH and what is missing. */
export async function onnxFolder(path: string): Promise<OnnxFolder> {
  const refuse = (reason: string): PulseError =>
    new PulseError('embedder.refused', { name: `onnx:${basename(path)}`, reason: `EMBEDDER_PATH ${path} ${reason}` });
  const read = async (file: string): Promise<string | null> =>
    existsSync(join(path, file)) ? await readFile(join(path, file), 'utf8') : null;
  const json = async (file: string): Promise<unknown> => {
    const text = await read(file);
    try {
      return JSON.parse(text ?? '{}');
    } catch (error) {
      throw refuse(`has a ${file} that is no JSON: ${(error as Error).message}`);
    }
  };
  const file = MODELS.find((each) => existsSync(join(path, each)));
  if (file === undefined) throw refuse(`has no ${MODELS.join(' and no ')}`);
  const tokenizer = await read('tokenizer.json');
  if (tokenizer === null) throw refuse('has no tokenizer.json');
  const said = await Promise.all(
    ['sentence_bert_config.json', 'tokenizer.json', 'tokenizer_config.json', 'config.json'].map(json),
  );
  const [sentence, own, tokenization, transformer] = said.map((each) => limits.safeParse(each).data);
  const pooling = poolings.safeParse(await json('1_Pooling/config.json')).data ?? {};
  if (pooling.pooling_mode_mean_tokens === false && !pooling.pooling_mode_cls_token)
    throw refuse('has a 1_Pooling/config.json that asks for another pooling than mean or CLS');
  const wanted = sentence?.max_seq_length ?? own?.truncation?.max_length ?? tokenization?.model_max_length ?? LONGEST;
  const model = join(path, file);
  const digest = createHash('sha256')
    .update(await readFile(model))
    .update(tokenizer)
    .digest('hex');
  return {
    name: `onnx:${basename(resolve(path))}@${digest.slice(0, 8)}`,
    model,
    tokenizer,
    tokenizerConfig: JSON.stringify(said[2]),
    maxLength: Math.max(4, Math.min(wanted, transformer?.max_position_embeddings ?? LONGEST)),
    pooling: pooling.pooling_mode_cls_token ? 'cls' : 'mean',
  };
}
