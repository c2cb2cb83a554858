import { createOllama } from 'ai-sdk-ollama';
import type { LanguageModel } from '../../ports/language-model.ts';
import { check, namesIn } from './check.ts';
import { generate } from './generate.ts';
import { wholeLines } from './ollama-lines.ts';
import type { LanguageModelOptions } from './provider.ts';

/** Models that Ollama runs. */
export function ollamaModel(options: LanguageModelOptions): LanguageModel {
  const target = { ...options, provider: 'ollama' };
  const { url, model, apiKey } = target;
  const headers = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
  return {
    provider: target.provider,
    model,
    generate: (request, signal) =>
      generate(
        target,
        // What the library calls reliable asks again, up to three times, and mends answers.
        (line) =>
          createOllama({ baseURL: url, headers, fetch: target.stream ? wholeLines(target, line) : line.fetch })(model, {
            structuredOutputs: true,
            reliableObjectGeneration: false,
          }),
        request,
        signal,
      ),
    check: (signal) =>
      check(
        target,
        {
          path: '/api/tags',
          headers,
          names: (list) => namesIn(list, 'models', 'name'),
          is: (listed) => listed === model || listed === `${model}:latest`,
        },
        signal,
      ),
  };
}
