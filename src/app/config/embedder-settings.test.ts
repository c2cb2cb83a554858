import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const read = (env: Readonly<Record<string, string>>, command: 'mcp2' | 'mirror' = 'mcp2') =>
  readConfig(command, { flags: {}, env: { PG_DSN: 'postgres://desk@localhost/pulse', ...env }, file: null });

test('without an embedder nothing of it is needed', () => {
  const { config, faults } = read({});
  expect(faults).toEqual([]);
  expect(config.values).toMatchObject({ embedder: 'none', vectorMemoryMb: 512 });
});

test.each([
  [{ EMBEDDER: 'onnx', EMBEDDER_PATH: 'models/minilm' }],
  [{ EMBEDDER: 'ollama', EMBEDDER_MODEL: 'nomic-embed-text' }],
  [{ EMBEDDER: 'openai-compatible', EMBEDDER_URL: 'https://api.openai.com/v1', EMBEDDER_MODEL: 'm' }],
])('takes %j', (env) => expect(read(env).faults).toEqual([]));

test.each([
  [
    { EMBEDDER: 'bert' },
    ['EMBEDDER: "bert" (environment) is not one of none, openai-compatible, ollama, onnx; the default is none'],
  ],
  [
    { EMBEDDER: 'openai-compatible' },
    [
      'EMBEDDER_URL is not set, and `pulse mcp2` needs it: the URL of the server, with EMBEDDER=openai-compatible',
      'EMBEDDER_MODEL is not set, and `pulse mcp2` needs it: the model that the server is to use, with EMBEDDER=openai-compatible',
    ],
  ],
  [
    { EMBEDDER: 'ollama' },
    ['EMBEDDER_MODEL is not set, and `pulse mcp2` needs it: the model that the server is to use, with EMBEDDER=ollama'],
  ],
  [
    { EMBEDDER: 'onnx' },
    ['EMBEDDER_PATH is not set, and `pulse mcp2` needs it: the folder of the model, with EMBEDDER=onnx'],
  ],
  [{ EMBEDDER_API_KEY: 'sk-1' }, ['EMBEDDER_API_KEY (environment): it is of no use with EMBEDDER=none']],
  [
    { EMBEDDER: 'ollama', EMBEDDER_MODEL: 'm', EMBEDDER_PATH: 'models' },
    ['EMBEDDER_PATH (environment): it is of no use with EMBEDDER=ollama'],
  ],
  [
    { EMBEDDER: 'ollama', EMBEDDER_MODEL: 'm', EMBEDDER_URL: 'http://desk:pw@127.0.0.1:1' },
    ['EMBEDDER_URL (environment): leave user and password out of it, and give the key by EMBEDDER_API_KEY'],
  ],
])('refuses %j', (env, lines) => expect(read(env).faults.map(({ message }) => message)).toEqual(lines));

test('a command that does not search has no use for it, and no complaint', () => {
  const { config, faults } = read({ EMBEDDER: 'onnx' }, 'mirror');
  expect(faults).toEqual([]);
  expect(config.values.embedder).toBe('none');
});

test('the key is a secret', () => {
  const { config } = read({ EMBEDDER: 'ollama', EMBEDDER_MODEL: 'm', EMBEDDER_API_KEY: 'sk-123' });
  expect(config.secrets).toContain('sk-123');
});
