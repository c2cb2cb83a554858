import { expect, test } from 'vitest';
import { readConfig } from '../config/config.ts';
import { registryOf } from './models.ts';

const registry = (env: Readonly<Record<string, string>>): string[] =>
  [...registryOf(readConfig('mcp2', { flags: {}, env, file: null }).config.values)].map(
    ([name, { provider, model }]) => `${name}=${provider}/${model}`,
  );
const OPENAI = { OPENAI_API_KEY: 'sk-1', OPENAI_MODEL: 'gpt-4o' };
const ANTHROPIC = { ANTHROPIC_API_KEY: 'sk-2' };
const OLLAMA = { OLLAMA_MODEL: 'qwen3' };
const MCP2_MODELS = '{"own":{"provider":"ollama","model":"x"}}';

test.each`
  env                                   | models
  ${{}}                                 | ${[]}
  ${OPENAI}                             | ${['whisperer=openai/gpt-4o', 'simple=openai/gpt-4o']}
  ${{ OPENAI_BASE_URL: 'http://h/v1' }} | ${['whisperer=openai/gpt-4o-mini', 'simple=openai/gpt-4o-mini']}
  ${{ ...ANTHROPIC, ...OPENAI }}        | ${['whisperer=openai/gpt-4o', 'simple=openai/gpt-4o']}
  ${{ ...ANTHROPIC, ...OLLAMA }}        | ${['whisperer=anthropic/claude-sonnet-4-5', 'simple=anthropic/claude-sonnet-4-5', 'local=ollama/qwen3']}
  ${OLLAMA}                             | ${['whisperer=ollama/qwen3', 'simple=ollama/qwen3', 'local=ollama/qwen3']}
  ${{ ...OPENAI, MCP2_MODELS }}         | ${['own=ollama/x']}
`('$env gives $models', ({ env, models }) => {
  expect(registry(env)).toEqual(models);
});
