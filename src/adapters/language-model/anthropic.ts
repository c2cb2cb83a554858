import { createAnthropic } from '@ai-sdk/anthropic';
import type { LanguageModel } from '../../ports/language-model.ts';
import { check, namesIn } from './check.ts';
import { generate } from './generate.ts';
import type { LanguageModelOptions } from './provider.ts';

const API_VERSION = '2023-06-01';

/** Claude, over Anthropic's messages API (`url` ends with `/v1`). */
export function anthropicModel(options: LanguageModelOptions): LanguageModel {
  const target = { ...options, provider: 'anthropic' };
  const { url, model } = target;
  // Without one the library would look in the environment.
  const apiKey = options.apiKey ?? '';
  return {
    provider: target.provider,
    model,
    generate: (request, signal) =>
      generate(target, ({ fetch }) => createAnthropic({ baseURL: url, apiKey, fetch })(model), request, signal),
    check: (signal) =>
      check(
        target,
        {
          path: '/models?limit=1000',
          headers: { 'x-api-key': apiKey, 'anthropic-version': API_VERSION },
          names: (list) => namesIn(list, 'data', 'id'),
          // The list has dated names; claude-x stands for the newest claude-x-<date>.
          is: (listed) => listed === model || (listed.startsWith(`${model}-`) && /^\d{8}$/.test(listed.slice(-8))),
        },
        signal,
      ),
  };
}
