import type { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { PulseError } from '../../domain/errors/errors.ts';
import type { ModelAnswer, ModelRequest } from '../../ports/language-model.ts';
import { fault, type Target } from './provider.ts';
import { type Transport, transport } from './transport.ts';

/** A model of a provider of the AI SDK. It is called directly: generateText would log, and try again. */
export type SdkModel = ReturnType<ReturnType<typeof createOpenAICompatible>['chatModel']>;
type CallOptions = Parameters<SdkModel['doGenerate']>[0];
type Schema = Extract<CallOptions['responseFormat'], { type: 'json' }>['schema'];
type Finish = Awaited<ReturnType<SdkModel['doGenerate']>>['finishReason'];
type Usage = Awaited<ReturnType<SdkModel['doGenerate']>>['usage'];

/** What a provider gave, streamed or not. */
interface Reply {
  readonly text: string;
  /** Whether it wanted a tool called. */
  readonly called: boolean;
  /** Null where a stream ended without saying why. */
  readonly finish: Finish | null;
  readonly usage: Usage | null;
  readonly model: string | null;
}

/** A token is at most some ten bytes, but each comes in a chunk of its own when streamed. */
const BYTES_PER_TOKEN = 512;
const BYTES_BESIDE = 262_144;

/** One call, as the port promises it. */
export async function generate(
  target: Target,
  modelOn: (line: Transport) => SdkModel,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const begun = target.clock.monotonic();
  // What is left of a call ends with it.
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  const line = transport(target, both, BYTES_BESIDE + request.maxOutputTokens * BYTES_PER_TOKEN);
  try {
    const model = modelOn(line);
    const options = callOptions(request, both);
    const reply = await untilAborted(target.stream ? streamed(target, model, options) : whole(model, options), signal);
    return answerOf(target, reply);
  } catch (error) {
    if (signal.aborted) {
      const timeoutMs = Math.round(target.clock.monotonic() - begun);
      throw new PulseError('model.timeout', { provider: target.provider, model: target.model, timeoutMs });
    }
    throw line.failure() ?? (error instanceof PulseError ? error : unreadable(target));
  } finally {
    end.abort();
  }
}

export const unreadable = (target: Target): PulseError =>
  fault(target, 'model.answer', 'it does not have the form of the API, or is cut off');

const callOptions = (
  { system, prompt, schema, maxOutputTokens }: ModelRequest,
  abortSignal: AbortSignal,
): CallOptions => ({
  prompt: [
    { role: 'system', content: system },
    { role: 'user', content: [{ type: 'text', text: prompt }] },
  ],
  responseFormat: { type: 'json', schema: schema as NonNullable<Schema>, name: 'answer' },
  maxOutputTokens,
  abortSignal,
});

/** Some libraries do not look at the signal while they read. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  // Whichever loses the race may reject later, when nobody listens.
  aborted.promise.catch(() => undefined);
  work.catch(() => undefined);
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}

async function whole(model: SdkModel, options: CallOptions): Promise<Reply> {
  const { content, finishReason, usage, response } = await model.doGenerate(options);
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    called: content.some(({ type }) => type === 'tool-call'),
    finish: finishReason,
    usage,
    model: response?.modelId ?? null,
  };
}

async function streamed(target: Target, model: SdkModel, options: CallOptions): Promise<Reply> {
  const { stream } = await Promise.resolve(model.doStream(options)).catch((error: unknown) => {
    // Anthropic's library rejects with an error that came first, as if it were the status of the answer.
    throw Number((error as { statusCode?: unknown } | null)?.statusCode) >= 400 ? errorInStream(target, error) : error;
  });
  let reply: Reply = { text: '', called: false, finish: null, usage: null, model: null };
  for await (const part of stream) {
    if (part.type === 'text-delta') reply = { ...reply, text: reply.text + part.delta };
    if (part.type === 'tool-input-start' || part.type === 'tool-call') reply = { ...reply, called: true };
    if (part.type === 'response-metadata') reply = { ...reply, model: part.modelId ?? reply.model };
    if (part.type === 'finish') reply = { ...reply, finish: part.finishReason, usage: part.usage };
    if (part.type === 'error') throw errorInStream(target, part.error);
  }
  return reply;
}

/** A stream that says neither that it is done nor that it failed. */
export const endedEarly = (target: Target): PulseError =>
  fault(target, 'model.unavailable', 'the stream ended before the answer did', { begun: true });

/** What a provider says went wrong after it began to answer. */
export const saidInStream = (target: Target, said: string): PulseError =>
  fault(target, 'model.unavailable', `an error within the stream: ${said}`, { begun: true });

/** Errors of the provider come as plain objects; those of the library, where it could not read a chunk, as errors. */
function errorInStream(target: Target, error: unknown): PulseError {
  if (error instanceof PulseError) return error;
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  if (typeof name === 'string' && /JSONParse|TypeValidation/.test(name)) return unreadable(target);
  const said = typeof error === 'string' ? error : typeof message === 'string' ? message : 'without a reason';
  return saidInStream(target, said);
}

function answerOf(target: Target, { text, called, finish, usage, model }: Reply): ModelAnswer {
  const bad = (reason: string): PulseError => fault(target, 'model.answer', reason);
  if (called || finish?.unified === 'tool-calls') throw bad('it calls a tool, and there is none');
  if (finish?.unified === 'length') throw bad('it was cut off at its limit of output tokens');
  if (finish?.unified === 'content-filter') throw bad('the provider held it back');
  if (finish?.unified !== 'stop') {
    if (target.stream) throw endedEarly(target);
    throw bad(`it ended with ${JSON.stringify(finish?.raw ?? null)}`);
  }
  return {
    object: objectIn(text, bad),
    tokens: { input: usage?.inputTokens.total ?? null, output: usage?.outputTokens.total ?? null },
    model: model ?? target.model,
  };
}

function objectIn(text: string, bad: (reason: string) => PulseError): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad('it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('it is no JSON object');
  return value;
}
