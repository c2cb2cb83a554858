import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from '../../ports/language-model.ts';
import { check, namesIn } from './check.ts';
import { generate } from './generate.ts';
import type { LanguageModelOptions } from './provider.ts';

/** Models behind OpenAI's chat completions: OpenAI itself, and all that speak as it does (`url` ends with `/v1`). */
export function openaiCompatibleModel(options: LanguageModelOptions): LanguageModel {
  const target = { ...options, provider: 'openai' };
  const { url, model, apiKey } = target;
  return {
    provider: target.provider,
    model,
    generate: (request, signal) =>
      generate(
        target,
        ({ fetch }) =>
          createOpenAICompatible({
            name: 'openai',
            baseURL: url,
            ...(apiKey === null ? {} : { apiKey }),
            includeUsage: true,
            supportsStructuredOutputs: true,
            fetch,
          }).chatModel(model),
        request,
        signal,
      ),
    check: (signal) =>
      check(
        target,
        {
          path: '/models',
          headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
          names: (list) => namesIn(list, 'data', 'id'),
          is: (listed) => listed === model,
          // Many a local server has completions alone.
          optional: true,
        },
        signal,
      ),
  };
}
