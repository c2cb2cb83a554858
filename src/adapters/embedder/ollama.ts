import { z } from 'zod';
import type { Embedder } from '../../ports/embedder.ts';
import { type ServerEmbedderOptions, serverEmbedder } from './server-embedder.ts';
import { retryAfterMs, ServerFault } from './server-fault.ts';

export interface OllamaEmbedderOptions extends ServerEmbedderOptions {
  /** `http://127.0.0.1:11434`. */
  readonly url: string;
  readonly model: string;
  /** For an Ollama behind a proxy that asks for one. */
  readonly apiKey: string | null;
}

const answer = z.object({ embeddings: z.array(z.array(z.number())) });
const refusal = z.object({ error: z.string() });

/** `POST <url>/api/embed` of Ollama, which cuts long texts off itself. */
export function ollamaEmbedder({ url, model, apiKey, ...options }: OllamaEmbedderOptions): Embedder {
  const endpoint = `${url.replace(/\/+$/, '')}/api/embed`;
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  return serverEmbedder(
    {
      name: `ollama:${model}`,
      secret: apiKey,
      async post(texts, signal) {
        const body = JSON.stringify({ model, input: texts, truncate: true });
        const { status, retryAfter, text } = await fetch(endpoint, { method: 'POST', headers, body, signal })
          .then(async (response) => ({
            status: response.status,
            retryAfter: response.headers.get('retry-after'),
            text: await response.text(),
          }))
          .catch((error: unknown) => {
            throw new ServerFault(reasonOf(error));
          });
        const json = parsed(text);
        if (status !== 200)
          throw new ServerFault(
            `${refusal.safeParse(json).data?.error ?? text.slice(0, 200)} (HTTP ${status})`,
            status,
            retryAfterMs(retryAfter, options.clock.now()),
          );
        const { data } = answer.safeParse(json);
        if (data === undefined) throw new ServerFault('its answer is not of the form {"embeddings": [[…]]}', status);
        return data.embeddings;
      },
    },
    options,
  );
}

/** `fetch` says "fetch failed", and why only beneath. */
function reasonOf(error: unknown): string {
  const { cause, message = String(error) } = error as { cause?: { message?: string; code?: string }; message?: string };
  return cause === undefined ? message : cause.message || cause.code || message;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller says what it is instead.
    return undefined;
  }
}
