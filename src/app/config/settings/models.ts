import { apiKey, apiUrl, modelName, modelRegistry } from '../model-registry.ts';
import { settingsOf } from '../setting.ts';

const setting = settingsOf('Models');
const services = ['up', 'mcp2', 'mcp', 'llm'] as const;

export const modelSettings = {
  models: setting({
    env: 'MCP2_MODELS',
    flag: '--mcp2-models',
    type: modelRegistry,
    otherwise: 'made from OPENAI_…, ANTHROPIC_… and OLLAMA_…; the rules answer where none of those is set',
    secret: true,
    about:
      'registry of the language models that give guidance, by name; whisperer and simple are those of their endpoints',
    services,
  }),
  openaiApiKey: setting({
    env: 'OPENAI_API_KEY',
    flag: '--openai-api-key',
    type: apiKey,
    secret: true,
    about: 'key of OpenAI; without MCP2_MODELS it makes the model whisperer',
    services,
  }),
  openaiModel: setting({
    env: 'OPENAI_MODEL',
    flag: '--openai-model',
    type: modelName,
    default: 'gpt-4o-mini',
    about: 'model of OpenAI, where MCP2_MODELS does not say it',
    services,
  }),
  openaiBaseUrl: setting({
    env: 'OPENAI_BASE_URL',
    flag: '--openai-base-url',
    type: apiUrl,
    otherwise: 'https://api.openai.com/v1',
    about:
      'base URL of an OpenAI-compatible API, up to /v1; if it needs no key, this URL alone makes the model whisperer',
    services,
  }),
  anthropicApiKey: setting({
    env: 'ANTHROPIC_API_KEY',
    flag: '--anthropic-api-key',
    type: apiKey,
    secret: true,
    about: 'key of Anthropic; without MCP2_MODELS and OpenAI it makes the model whisperer',
    services,
  }),
  anthropicModel: setting({
    env: 'ANTHROPIC_MODEL',
    flag: '--anthropic-model',
    type: modelName,
    default: 'claude-sonnet-4-5',
    about: 'model of Anthropic, where MCP2_MODELS does not say it',
    services,
  }),
  ollamaUrl: setting({
    env: 'OLLAMA_URL',
    flag: '--ollama-url',
    type: apiUrl,
    otherwise: 'http://127.0.0.1:11434, where OLLAMA_MODEL is set',
    about: 'Ollama; without MCP2_MODELS it makes the model local, and whisperer where there is no other',
    services,
  }),
  ollamaModel: setting({
    env: 'OLLAMA_MODEL',
    flag: '--ollama-model',
    type: modelName,
    otherwise: 'llama3.2, where OLLAMA_URL is set',
    about: 'model of Ollama, where MCP2_MODELS does not say it',
    services,
  }),
};
