import { expect, onTestFinished, test, vi } from 'vitest';
import { request } from '../../../test/contract/language-model.contract.ts';
import { anthropicForm } from '../../../test/support/model-server/anthropic.ts';
import { ANSWER, type Behaviour, KEY, startModelServer } from '../../../test/support/model-server/model-server.ts';
import { ollamaForm } from '../../../test/support/model-server/ollama.ts';
import { openaiForm } from '../../../test/support/model-server/openai.ts';
import type { WireForm } from '../../../test/support/model-server/wire-form.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { systemClock } from '../clock/system.ts';
import { anthropicModel } from './anthropic.ts';
import { ollamaModel } from './ollama.ts';
import { openaiCompatibleModel } from './openai-compatible.ts';
import type { LanguageModelOptions } from './provider.ts';

const clock = systemClock();
const never = new AbortController().signal;

async function serve(
  form: WireForm,
  make: (options: LanguageModelOptions) => LanguageModel,
  { name, stream }: { readonly name: string; readonly stream: boolean },
  ...script: readonly Behaviour[]
) {
  const server = await startModelServer(form, [name]);
  onTestFinished(() => server.dispose());
  server.script(...script);
  return { server, model: make({ url: server.url, model: name, apiKey: KEY, stream, clock }) };
}

/** It has no structured output: it is made to call a tool `json`, whose input is the answer. */
const older = (stream: boolean, ...script: readonly Behaviour[]) =>
  serve(anthropicForm, anthropicModel, { name: 'claude-3-haiku-20240307', stream }, ...script);

test.each([
  false,
  true,
])('an older Claude answers by the tool json, and that is no call (streamed: %s)', async (stream) => {
  const { server, model } = await older(stream);
  expect((await model.generate(request, never)).object).toEqual(ANSWER);
  const sent = server.calls[0]!;
  expect(sent.tools).toEqual([expect.objectContaining({ name: 'json' })]);
  expect(sent.tool_choice).toMatchObject({ type: 'any' });
});

test.each`
  stream   | beside
  ${false} | ${false}
  ${false} | ${true}
  ${true}  | ${false}
  ${true}  | ${true}
`(
  'of an older Claude no other tool is accepted (streamed: $stream, beside json: $beside)',
  async ({ stream, beside }) => {
    const { model } = await older(stream, { does: 'answer', tool: true, beside });
    await expect(model.generate(request, never)).rejects.toMatchObject({
      code: 'model.answer',
      message: expect.stringContaining('it calls a tool'),
    });
  },
);

test('what a stream of Ollama has that is no JSON is not printed', async () => {
  const printed = vi.spyOn(console, 'warn');
  onTestFinished(() => printed.mockRestore());
  for (const does of ['garbled', 'truncated', 'broken'] as const) {
    const { model } = await serve(ollamaForm, ollamaModel, { name: 'qwen3', stream: true }, { does });
    await expect(model.generate(request, never)).rejects.toMatchObject({ code: expect.stringMatching(/^model\./) });
  }
  expect(printed).not.toHaveBeenCalled();
});

const NO_LIST: Behaviour = { does: 'status', status: 404 };

test('a local server that speaks as OpenAI and has no list of models can be reached; of others the list is wanted', async () => {
  const { model } = await serve(openaiForm, openaiCompatibleModel, { name: 'phi', stream: false }, NO_LIST);
  expect(await model.check(never)).toContain('404 to GET /models');
  for (const [form, make] of [[anthropicForm, anthropicModel] as const, [ollamaForm, ollamaModel] as const]) {
    const { model: other } = await serve(form, make, { name: 'phi', stream: false }, NO_LIST);
    await expect(other.check(never)).rejects.toMatchObject({ code: 'model.refused' });
  }
});
