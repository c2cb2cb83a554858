import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany } from 'ai';
import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { type ServerEmbedderOptions, serverEmbedder } from './server-embedder.ts';
import { retryAfterMs, ServerFault } from './server-fault.ts';

export interface OpenAiEmbedderOptions extends ServerEmbedderOptions {
  /** Up to the version: `https://api.openai.com/v1`. */
  readonly url: string;
  readonly model: string;
  readonly apiKey: string | null;
}

/** `POST <url>/embeddings`, as OpenAI has it: also vLLM, llama.cpp, LM Studio, Text Embeddings Inference. */
export function openAiEmbedder({ url, model, apiKey, ...options }: OpenAiEmbedderOptions): Embedder {
  const provider = createOpenAICompatible({
    name: 'embedder',
    baseURL: url.replace(/\/+$/, ''),
    ...(apiKey === null ? {} : { apiKey }),
  });
  const embedding = provider.embeddingModel(model);
  return serverEmbedder(
    {
      name: `openai-compatible:${model}`,
      secret: apiKey,
      async post(texts, abortSignal) {
        try {
          const { embeddings, responses } = await embedMany({
            model: embedding,
            values: [...texts],
            maxRetries: 0,
            abortSignal,
          });
          return ordered(embeddings, responses?.[0]?.body);
        } catch (error) {
          throw faultOf(error, options.clock);
        }
      },
    },
    options,
  );
}

const indexed = z.object({ data: z.array(z.object({ index: z.int().min(0) })) });

/** Each vector has the number of its text beside it, which the SDK does not look at. */
function ordered(embeddings: readonly number[][], body: unknown): readonly number[][] {
  const { data } = indexed.safeParse(body);
  if (data === undefined) return embeddings;
  const sorted: number[][] = [];
  for (const [i, { index }] of data.data.entries()) sorted[index] = embeddings[i]!;
  if (sorted.length !== embeddings.length || sorted.includes(undefined as never))
    throw new ServerFault('it numbered its vectors otherwise than from 0, each once');
  return sorted;
}

function faultOf(error: unknown, clock: Clock): unknown {
  if (!APICallError.isInstance(error)) return error instanceof Error ? new ServerFault(error.message) : error;
  const { message, statusCode, responseHeaders } = error;
  return new ServerFault(
    statusCode === undefined ? message : `${message} (HTTP ${statusCode})`,
    statusCode ?? null,
    retryAfterMs(responseHeaders?.['retry-after'], clock.now()),
  );
}
