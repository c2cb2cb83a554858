import { type Body, chopped, type Said, TOKENS, type WireForm } from './wire-form.ts';

const message = ({ text, tool, beside }: Said) => ({
  role: 'assistant',
  content: tool && !beside ? '' : text,
  ...(tool && { tool_calls: [{ function: { name: 'close_all', arguments: {} } }] }),
});
const head = ({ model }: Body) => ({ model, created_at: '2026-07-01T12:00:00.000Z' });
const end = ({ cut }: Said) => ({
  done: true,
  done_reason: cut ? 'length' : 'stop',
  total_duration: 5_000_000,
  load_duration: 1_000_000,
  prompt_eval_count: TOKENS.input,
  prompt_eval_duration: 1_000_000,
  eval_count: TOKENS.output,
  eval_duration: 3_000_000,
});
const line = (data: unknown): string => `${JSON.stringify(data)}\n`;

/** Ollama's chat. */
export const ollamaForm: WireForm = {
  path: '/api/chat',
  listPath: '/api/tags',
  streamType: 'application/x-ndjson',
  key: ({ authorization }) => authorization?.replace('Bearer ', '') ?? null,
  fault(body) {
    if (Array.isArray(body.tools) && body.tools.length > 0) return 'tools were given';
    if (typeof body.format !== 'object' || body.format === null) return 'no schema';
    return typeof (body.options as { num_predict?: unknown } | undefined)?.num_predict === 'number' ? null : 'no limit';
  },
  whole: (body, said) => ({ ...head(body), message: message(said), ...end(said) }),
  pieces: (body, said) => [
    ...(said.tool && !said.beside ? [''] : chopped(said.text)).map((text) =>
      line({ ...head(body), message: message({ ...said, text }), done: false }),
    ),
    line({ ...head(body), message: { role: 'assistant', content: '' }, ...end(said) }),
  ],
  list: (models) => ({ models: models.map((name) => ({ name: `${name}:latest`, model: `${name}:latest` })) }),
  error: (_status, text) => ({ error: text }),
  failure: (text) => line({ error: text }),
};
