import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AskModel, Fallback } from '../../src/services/mcp2/guidance/ask-model.ts';

/** What a model is told, and whether it was given tools. */
export interface ModelCall {
  readonly system: string;
  readonly prompt: string;
  readonly tools: unknown;
}

/** Text of the answer, or the name of a tool that it calls. */
export type ModelReply = { readonly text: string } | { readonly tool: string };

export interface ModelServer {
  readonly url: string;
  readonly calls: readonly ModelCall[];
  /** From now on it answers so. */
  reply: (call: ModelCall) => ModelReply;
  close(): Promise<void>;
}

interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools?: unknown;
}

/** A model behind the HTTP form of OpenAI's chat completions, on loopback. */
export async function startModelServer(reply: ModelServer['reply']): Promise<ModelServer> {
  const calls: ModelCall[] = [];
  const http = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { messages, tools } = JSON.parse(body) as ChatRequest;
    const of = (role: string): string =>
      messages
        .filter((each) => each.role === role)
        .map(({ content }) => content)
        .join('\n');
    const call = { system: of('system'), prompt: of('user'), tools };
    calls.push(call);
    const said = server.reply(call);
    const message =
      'text' in said
        ? { role: 'assistant', content: said.text }
        : {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'a', type: 'function', function: { name: said.tool, arguments: '{}' } }],
          };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        id: 'x',
        object: 'chat.completion',
        created: 1,
        model: 'obedient-1',
        choices: [{ index: 0, message, finish_reason: 'text' in said ? 'stop' : 'tool_calls' }],
        usage: { prompt_tokens: 120, completion_tokens: 40, total_tokens: 160 },
      }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: ModelServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`,
    calls,
    reply,
    close: () => new Promise((resolve) => http.close(() => resolve())),
  };
  return server;
}

/** A registry of models that are asked over HTTP, each one's chain the ones after it. */
export function modelsAt(servers: Readonly<Record<string, string>>): AskModel {
  const names = Object.keys(servers);
  return {
    names,
    identity: (name) => (names.includes(name) ? { provider: 'openai', model: name } : null),
    async ask(name, { system, prompt, schema, maxOutputTokens }, accept, signal) {
      const fallbacks: Fallback[] = [];
      for (const model of names.slice(names.indexOf(name))) {
        const response = await fetch(`${servers[model]}/chat/completions`, {
          method: 'POST',
          signal,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            model,
            max_tokens: maxOutputTokens,
            messages: [
              { role: 'system', content: system },
              { role: 'user', content: prompt },
            ],
            response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
          }),
        });
        const {
          choices,
          usage,
          model: answered,
        } = (await response.json()) as {
          choices: { message: { content: string | null; tool_calls?: unknown[] } }[];
          usage: { prompt_tokens: number; completion_tokens: number };
          model: string;
        };
        const { content, tool_calls } = choices[0]!.message;
        const object = tool_calls === undefined ? parsed(content) : undefined;
        const reason =
          tool_calls !== undefined ? 'it calls a tool' : object === undefined ? 'it is no JSON' : accept(object);
        if (reason !== null) {
          fallbacks.push({ model, code: 'model.answer', reason });
          continue;
        }
        const tokens = { input: usage.prompt_tokens, output: usage.completion_tokens };
        return {
          outcome: 'answer',
          object,
          name: model,
          provider: 'openai',
          model: answered,
          tokens,
          cost: 0.002,
          latencyMs: 1,
          fallbacks,
        };
      }
      return { outcome: 'none', fallbacks };
    },
    models: async () => names.map((name) => ({ name, provider: 'openai', model: name, reachable: true, detail: null })),
  };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    // A model may say anything.
    return undefined;
  }
}
