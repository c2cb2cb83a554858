import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/adapters/clock/system.ts';
import { openaiCompatibleModel } from '../../src/adapters/language-model/openai-compatible.ts';
import { prometheusMetrics } from '../../src/adapters/metrics/prometheus.ts';
import { seededRandom } from '../../src/adapters/random/seeded.ts';
import type { AskModel } from '../../src/services/desk/guidance/ask-model.ts';
import { modelChain } from '../../src/services/desk/guidance/model-chain.ts';

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
  // detached: a failure fails the test as an unhandled rejection
  const http = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      return void response.end(JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model' }] }));
    }
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
  const clock = systemClock();
  const names = Object.keys(servers);
  const entries = names.map((name, i) => ({
    name,
    model: openaiCompatibleModel({ url: servers[name]!, model: name, apiKey: null, stream: false, clock }),
    timeoutMs: 20_000,
    retries: 0,
    maxOutputTokens: 2_000,
    maxInputTokens: null,
    maxCostUsdPerCall: null,
    maxCostUsdPerDay: null,
    // 120 and 40 tokens: 0.002 dollars.
    price: { input: 10, output: 20 },
    concurrency: 4,
    fallback: names.slice(i + 1),
  }));
  const spending = { add: async () => undefined, spent: async () => 0 };
  return modelChain(entries, {
    clock,
    random: seededRandom('models'),
    spending,
    metrics: prometheusMetrics({ process: false }),
  });
}
