import { type Body, chopped, type Said, TOKENS, type WireForm } from './wire-form.ts';

const usage = {
  prompt_tokens: TOKENS.input,
  completion_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
};
const call = { id: 'call_1', type: 'function', function: { name: 'close_all', arguments: '{}' } };
const head = ({ model }: Body, object: string) => ({ id: 'chatcmpl-1', object, created: 1_780_000_000, model });
const finish = ({ tool, beside, cut }: Said): string => (tool && !beside ? 'tool_calls' : cut ? 'length' : 'stop');
const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** OpenAI's chat completions. */
export const openaiForm: WireForm = {
  path: '/v1/chat/completions',
  listPath: '/v1/models',
  streamType: 'text/event-stream',
  key: ({ authorization }) => authorization?.replace('Bearer ', '') ?? null,
  fault(body) {
    if (body.tools !== undefined) return 'tools were given';
    const format = body.response_format as { type?: string; json_schema?: { schema?: unknown } } | undefined;
    if (format?.type !== 'json_schema' || format.json_schema?.schema === undefined) return 'no schema';
    return typeof body.max_tokens === 'number' ? null : 'no limit';
  },
  whole: (body, said) => ({
    ...head(body, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: said.tool && !said.beside ? null : said.text,
          ...(said.tool && { tool_calls: [call] }),
        },
        finish_reason: finish(said),
      },
    ],
    usage,
  }),
  pieces(body, said) {
    const chunk = (delta: unknown, finish_reason: string | null = null): string =>
      event({ ...head(body, 'chat.completion.chunk'), choices: [{ index: 0, delta, finish_reason }] });
    const deltas = [
      ...(said.tool && !said.beside ? [] : chopped(said.text).map((content) => ({ content }))),
      ...(said.tool ? [{ tool_calls: [{ index: 0, ...call }] }] : []),
    ];
    return [
      chunk({ role: 'assistant' }),
      ...deltas.map((delta) => chunk(delta)),
      chunk({}, finish(said)),
      event({ ...head(body, 'chat.completion.chunk'), choices: [], usage }),
      'data: [DONE]\n\n',
    ];
  },
  list: (models) => ({ object: 'list', data: models.map((id) => ({ id, object: 'model' })) }),
  error: (_status, message) => ({ error: { message, type: 'invalid_request_error', code: null } }),
  failure: (message) => event({ error: { message, type: 'server_error', code: null } }),
};
