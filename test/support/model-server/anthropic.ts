import { type Body, chopped, type Said, TOKENS, type WireForm } from './wire-form.ts';

const usage = { input_tokens: TOKENS.input, output_tokens: TOKENS.output };
const head = ({ model }: Body) => ({ id: 'msg_1', type: 'message', role: 'assistant', model, stop_sequence: null });
/** Models without structured output answer by a tool of that name, whose input is the answer. */
const byTool = (body: Body): boolean => Array.isArray(body.tools);
const reason = (body: Body, { tool, beside, cut }: Said): string =>
  cut ? 'max_tokens' : (tool && !beside) || byTool(body) ? 'tool_use' : 'end_turn';
const closeAll = { type: 'tool_use', id: 'toolu_2', name: 'close_all', input: {} };
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
      ...(said.tool && !said.beside
        ? []
        : [
            byTool(body)
              ? { type: 'tool_use', id: 'toolu_1', name: 'json', input: JSON.parse(said.text) as unknown }
              : { type: 'text', text: said.text },
          ]),
      ...(said.tool ? [closeAll] : []),
    ],
    stop_reason: reason(body, said),
    usage,
  }),
  pieces(body, said) {
    const blocks: string[][] = [];
    const add = (content_block: object, deltas: readonly object[]): void => {
      const index = blocks.length;
      blocks.push([
        event('content_block_start', { index, content_block }),
        event('ping', {}),
        ...deltas.map((delta) => event('content_block_delta', { index, delta })),
        event('content_block_stop', { index }),
      ]);
    };
    const input = (text: string) => ({ type: 'input_json_delta', partial_json: text });
    if (!said.tool || said.beside) {
      if (byTool(body)) add({ ...closeAll, id: 'toolu_1', name: 'json' }, chopped(said.text).map(input));
      else
        add(
          { type: 'text', text: '' },
          chopped(said.text).map((text) => ({ type: 'text_delta', text })),
        );
    }
    if (said.tool) add(closeAll, [input('{}')]);
    return [
      event('message_start', {
        message: { ...head(body), content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
      }),
      ...blocks.flat(),
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
  failure: (message) => event('error', { error: { type: 'overloaded_error', message } }),
};
