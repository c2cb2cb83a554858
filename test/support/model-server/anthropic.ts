import { type Body, chopped, type Said, TOKENS, type WireForm } from './wire-form.ts';

const usage = { input_tokens: TOKENS.input, output_tokens: TOKENS.output };
const head = ({ model }: Body) => ({ id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null });
/** Models without structured output answer by a tool of that name, whose input is the answer. */
const byTool = (body: Body): boolean => Array.isArray(body.tools);
const reason = (body: Body, { tool, cut }: Said): string =>
  cut ? 'max_tokens' : tool || byTool(body) ? 'tool_use' : 'end_turn';
const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

/** Anthropic's messages. */
export const anthropicForm: WireForm = {
  path: '/v1/messages',
  listPath: '/v1/models',
  streamType: 'text/event-stream',
  key: (headers) => headers['x-api-key']?.toString() ?? null,
  fault(body) {
    const tools = body.tools as { name: string; input_schema?: unknown }[] | undefined;
    if (tools?.some(({ name }) => name !== 'json')) return 'tools were given';
    const { format } = (body.output_config ?? {}) as { format?: { type: string; schema?: unknown } };
    const schema = tools?.[0]?.input_schema ?? (format?.type === 'json_schema' ? format.schema : undefined);
    return schema === undefined ? 'no schema' : typeof body.max_tokens === 'number' ? null : 'no limit';
  },
  whole: (body, said) => ({
    ...head(body),
    content: [
      said.tool
        ? { type: 'tool_use', id: 'toolu_1', name: 'close_all', input: {} }
        : byTool(body)
          ? { type: 'tool_use', id: 'toolu_1', name: 'json', input: JSON.parse(said.text) as unknown }
          : { type: 'text', text: said.text },
    ],
    stop_reason: reason(body, said),
    usage,
  }),
  pieces(body, said) {
    const tool = said.tool || byTool(body);
    const block = tool
      ? { type: 'tool_use', id: 'toolu_1', name: said.tool ? 'close_all' : 'json', input: {} }
      : { type: 'text', text: '' };
    const deltas = chopped(said.tool ? '{}' : said.text).map((text) =>
      tool ? { type: 'input_json_delta', partial_json: text } : { type: 'text_delta', text },
    );
    return [
      event('message_start', {
        message: { ...head(body), content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
      }),
      event('content_block_start', { index: 0, content_block: block }),
      event('ping', {}),
      ...deltas.map((delta) => event('content_block_delta', { index: 0, delta })),
      event('content_block_stop', { index: 0 }),
      event('message_delta', {
        delta: { stop_reason: reason(body, said), stop_sequence: null },
        usage: { output_tokens: TOKENS.output },
      }),
      event('message_stop', {}),
    ];
  },
  list: (models) => ({ data: models.map((id) => ({ type: 'model', id: `${id}-20260115` })), has_more: false }),
  error: (status, message) => ({
    type: 'error',
    error: { type: status === 429 ? 'rate_limit_error' : 'invalid_request_error', message },
  }),
};
