import { anthropicModel } from '../../adapters/language-model/anthropic.ts';
import { ollamaModel } from '../../adapters/language-model/ollama.ts';
import { openaiCompatibleModel } from '../../adapters/language-model/openai-compatible.ts';
import type { LanguageModelOptions } from '../../adapters/language-model/provider.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { AskModel } from '../../services/desk/guidance/ask-model.ts';
import { type ChainNeeds, modelChain } from '../../services/desk/guidance/model-chain.ts';
import type { RegisteredModel } from '../../services/desk/guidance/registered-model.ts';
import type { ModelEntry, ModelRegistry } from '../config/model-registry.ts';
import type { Values } from '../config/settings.ts';

type ModelValues = Pick<
  Values,
  | 'models'
  | 'openaiApiKey'
  | 'openaiModel'
  | 'openaiBaseUrl'
  | 'anthropicApiKey'
  | 'anthropicModel'
  | 'ollamaUrl'
  | 'ollamaModel'
>;

interface Provider {
  readonly url: string;
  make(options: LanguageModelOptions): LanguageModel;
}

const providers: Readonly<Record<ModelEntry['provider'], Provider>> = {
  openai: { url: 'https://api.openai.com/v1', make: openaiCompatibleModel },
  anthropic: { url: 'https://api.anthropic.com/v1', make: anthropicModel },
  ollama: { url: 'http://127.0.0.1:11434', make: ollamaModel },
};

const OLLAMA_MODEL = 'llama3.2';

/** The models of the configuration, ready to be asked; none where none is configured. */
export const makeModels = (values: ModelValues, needs: ChainNeeds): AskModel =>
  modelChain(
    [...registryOf(values)].map(([name, entry]) => registered(name, entry, needs.clock)),
    needs,
  );

/** The registry, or what the variables of the providers make of it. */
export function registryOf(values: ModelValues): ModelRegistry {
  if (values.models !== null) return values.models;
  const [remote, local] = [remoteModel(values), localModel(values)];
  const found = new Map<string, ModelEntry>();
  const first = remote ?? local;
  if (first !== null) for (const name of ['whisperer', 'simple']) found.set(name, first);
  if (local !== null) found.set('local', local);
  return found;
}

function remoteModel(values: ModelValues): ModelEntry | null {
  const { openaiApiKey, openaiBaseUrl, openaiModel, anthropicApiKey, anthropicModel: model } = values;
  if (openaiApiKey !== null || openaiBaseUrl !== null)
    return {
      provider: 'openai',
      model: openaiModel,
      ...(openaiBaseUrl !== null && { url: openaiBaseUrl }),
      ...(openaiApiKey !== null && { apiKey: openaiApiKey }),
    };
  return anthropicApiKey === null ? null : { provider: 'anthropic', model, apiKey: anthropicApiKey };
}

const localModel = ({ ollamaUrl, ollamaModel: model }: ModelValues): ModelEntry | null =>
  ollamaUrl === null && model === null
    ? null
    : { provider: 'ollama', model: model ?? OLLAMA_MODEL, ...(ollamaUrl !== null && { url: ollamaUrl }) };

function registered(name: string, entry: ModelEntry, clock: Clock): RegisteredModel {
  const { url, make } = providers[entry.provider];
  return {
    name,
    model: make({
      url: entry.url ?? url,
      model: entry.model,
      apiKey: entry.apiKey ?? null,
      stream: entry.stream ?? false,
      clock,
    }),
    timeoutMs: entry.timeoutMs ?? 30_000,
    retries: entry.retries ?? 2,
    maxOutputTokens: entry.maxOutputTokens ?? 4_096,
    maxInputTokens: entry.maxInputTokens ?? null,
    maxCostUsdPerCall: entry.maxCostUsdPerCall ?? null,
    maxCostUsdPerDay: entry.maxCostUsdPerDay ?? null,
    price: entry.price ?? null,
    concurrency: entry.concurrency ?? 4,
    fallback: entry.fallback ?? [],
  };
}
