import { settingsOf } from '../setting.ts';
import { choice, int, path, text, url } from '../value-type.ts';

const setting = settingsOf('Search by meaning');
const services = ['up', 'mcp2', 'mcp'] as const;

export const embedderSettings = {
  embedder: setting({
    env: 'EMBEDDER',
    flag: '--embedder',
    type: choice(['none', 'openai-compatible', 'ollama', 'onnx']),
    default: 'none',
    about:
      'what turns passages and queries into vectors, so that a search goes by meaning too: a server, or a model in this process; docs/embedder.md',
    services,
  }),
  embedderUrl: setting({
    env: 'EMBEDDER_URL',
    flag: '--embedder-url',
    type: url('http', 'https'),
    otherwise: 'http://127.0.0.1:11434 for ollama; required for openai-compatible',
    secret: 'url',
    about: 'of the server; up to the version for openai-compatible: https://api.openai.com/v1',
    services,
  }),
  embedderModel: setting({
    env: 'EMBEDDER_MODEL',
    flag: '--embedder-model',
    type: text('<model>', /^\S{1,200}$/, 'a name without spaces'),
    otherwise: 'required for openai-compatible and ollama',
    about: 'model of the server, such as text-embedding-3-small or nomic-embed-text',
    services,
  }),
  embedderApiKey: setting({
    env: 'EMBEDDER_API_KEY',
    flag: '--embedder-api-key',
    type: text('<key>', /^[\x21-\x7e]{1,500}$/, '1 to 500 printable characters without spaces'),
    otherwise: 'no key is sent',
    secret: true,
    about: 'key for the server; set it as a variable: others can see a command line',
    services,
  }),
  embedderPath: setting({
    env: 'EMBEDDER_PATH',
    flag: '--embedder-path',
    type: path,
    otherwise: 'required for onnx',
    about: 'folder of a sentence transformer: model.onnx and tokenizer.json',
    services,
  }),
  vectorMemoryMb: setting({
    env: 'VECTOR_MEMORY_MB',
    flag: '--vector-memory-mb',
    type: int({ min: 1, max: 65_536 }),
    default: 512,
    about: 'memory for vectors, in MiB; further passages are found by their words alone',
    services,
  }),
};
