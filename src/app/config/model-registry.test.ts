import { expect, test } from 'vitest';
import { redaction } from '../host/redaction.ts';
import { readConfig } from './config.ts';

const KEY = 'sk-test-4f9a1c77';
const gpt = { provider: 'openai', model: 'gpt-4o-mini' };

const read = (models: unknown, env: Readonly<Record<string, string>> = {}) =>
  readConfig('mcp2', {
    flags: {},
    env: { ...env, MCP2_MODELS: typeof models === 'string' ? models : JSON.stringify(models) },
    file: null,
  });
const faultsOf = (models: unknown, env?: Readonly<Record<string, string>>): string[] =>
  read(models, env)
    .faults.map(({ message }) => message)
    .filter((message) => message.startsWith('MCP2_MODELS'));

test('a registry is read from JSON, with keys from the variables it names', () => {
  const { config } = read(
    {
      whisperer: { ...gpt, apiKeyEnv: 'DESK_KEY', url: 'http://127.0.0.1:9/v1/', fallback: ['local'] },
      local: { provider: 'ollama', model: 'qwen3' },
    },
    { DESK_KEY: KEY },
  );
  expect(config.values.models).toEqual(
    new Map<string, unknown>([
      ['whisperer', { ...gpt, apiKey: KEY, url: 'http://127.0.0.1:9/v1', fallback: ['local'] }],
      ['local', { provider: 'ollama', model: 'qwen3' }],
    ]),
  );
});

test('the file gives it as an object', () => {
  const file = { name: 'pulse.config.json', values: { models: { local: { provider: 'ollama', model: 'qwen3' } } } };
  const { config, faults } = readConfig('up', { flags: {}, env: {}, file });
  expect([faults.length, config.values.models?.size]).toEqual([0, 1]);
});

test('its keys are secrets, and so is a text that cannot be read', () => {
  const { config } = read({ whisperer: { ...gpt, apiKey: KEY } });
  expect(config.secrets).toContain(KEY);
  expect(redaction(config.secrets).text(JSON.stringify([...config.values.models!]))).not.toContain(KEY);
  for (const bad of [
    `{"whisperer": {"apiKey": "${KEY}"`,
    { w: { ...gpt, apiKey: `${KEY} ` } },
    { w: KEY },
    { w: { key: KEY } },
  ]) {
    expect(faultsOf(bad)).not.toEqual([]);
    expect(faultsOf(bad).join('\n')).not.toContain(KEY);
  }
});

test.each`
  models                                                          | said
  ${{ w: { ...gpt, timeoutMs: 'soon' } }}                         | ${['w.timeoutMs: "soon"', 'a whole number from 10 to 600000']}
  ${{ w: { provider: 'mistral', model: 'x' } }}                   | ${['w.provider: "mistral"', 'one of openai, anthropic, ollama']}
  ${{ w: { provider: 'openai' } }}                                | ${['w.model: null']}
  ${{ w: { ...gpt, temperature: 1 } }}                            | ${['w.temperature', 'a key of a model']}
  ${{ w: { ...gpt, url: 'http://u:p@h/v1' } }}                    | ${['w.url', 'without user']}
  ${{ w: { ...gpt, price: { input: 1 } } }}                       | ${['w.price: {"input":1}']}
  ${{ w: { ...gpt, maxCostUsdPerDay: 1 } }}                       | ${['w.maxCostUsdPerDay: 1', 'without price']}
  ${{ w: { ...gpt, apiKeyEnv: 'NOBODY' } }}                       | ${['w.apiKeyEnv: "NOBODY"', 'a variable that holds a key']}
  ${{ w: { provider: 'anthropic', model: 'claude-sonnet-4-5' } }} | ${['w.apiKey', 'Anthropic']}
  ${{ w: { ...gpt, fallback: ['x'] } }}                           | ${['w.fallback: "x"', 'one of the models, which are w']}
  ${{ w: { ...gpt, fallback: ['w'] } }}                           | ${['w.fallback: "w → w"', 'a chain that ends']}
  ${{ 'a b': gpt }}                                               | ${['name: "a b"']}
  ${{ rules: gpt }}                                               | ${['name: "rules"']}
  ${'[]'}                                                         | ${['JSON: an object of models']}
`('$models is refused by one line: $said', ({ models, said }) => {
  const lines = faultsOf(models);
  expect(lines).toHaveLength(1);
  for (const part of said) expect(lines[0]).toContain(part);
});

test('each bad value has a line of its own, and a circle names its way', () => {
  expect(faultsOf({ w: { ...gpt, retries: -1, stream: 'maybe' } })).toHaveLength(2);
  const circle = { a: { ...gpt, fallback: ['b'] }, b: { ...gpt, fallback: ['c'] }, c: { ...gpt, fallback: ['b'] } };
  expect(faultsOf(circle)).toEqual([
    expect.stringContaining('b.fallback: "b → c → b"'),
    expect.stringContaining('c.fallback: "c → b → c"'),
  ]);
});
