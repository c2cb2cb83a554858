import type { ErrorList } from './spec.ts';

/** Errors of language models and guidance. */
export const modelErrors = {
  'guidance.none': {
    retry: false,
    exit: 66,
    status: 404,
    cause: 'no call of guidance is stored under the id',
    remedy: 'use `meta.id` of an answer that is not older than GUIDANCE_RETENTION_DAYS',
    text: (e) => `there is no stored call of guidance ${JSON.stringify(e.id)}`,
  },
  'guidance.payloads': {
    retry: false,
    exit: 66,
    cause: 'the file of payloads to compare cannot be read, holds none, or a line of it is no StrategyPayloadV1',
    remedy: 'give a file with one payload as JSON in each line',
    text: (e) => `cannot use the payloads of ${e.path}: ${e.reason}`,
  },
  'model.unknown': {
    retry: false,
    exit: 64,
    status: 404,
    cause: 'no model of that name is configured',
    remedy: 'use a name of `GET /llm/models`, or add it to the registry of models',
    text: (e) =>
      `there is no model ${JSON.stringify(e.model)}${e.known === null ? '' : `; configured are: ${e.known}`}`,
  },
  'model.unavailable': {
    retry: true,
    exit: 69,
    cause: 'the provider of a model cannot be reached, or answers with a server error',
    remedy: 'look at the provider; guidance falls back to the next model of its chain, and to the rules at its end',
    text: (e) => `${e.provider} does not answer for ${e.model}: ${e.reason}`,
  },
  'model.rate-limited': {
    retry: true,
    exit: 69,
    cause: 'the provider received too many requests',
    remedy: 'wait as long as it says, or raise the limit with the provider',
    text: (e) => `${e.provider} limits requests to ${e.model}: ${e.reason}`,
  },
  'model.refused': {
    retry: false,
    exit: 77,
    cause: 'the provider refused: the key, the name of the model or the request is wrong',
    remedy: 'correct the key and the model in the registry of models',
    text: (e) => `${e.provider} refused ${e.model}: ${e.reason}`,
  },
  'model.answer': {
    retry: false,
    exit: null,
    cause: 'the answer of a model is not JSON, was cut off, or does not match what was asked for',
    remedy: 'use a model that follows a schema, or allow it more output tokens',
    text: (e) => `${e.model} of ${e.provider} gave an answer that cannot be used: ${e.reason}`,
  },
  'model.capped': {
    retry: false,
    exit: null,
    cause: 'a call would go beyond a cap of the model: its input tokens, its cost, or what may be spent on a day',
    remedy: 'raise the cap in the registry of models, or let the chain fall back',
    text: (e) => `${e.model} of ${e.provider} was not asked: ${e.reason}`,
  },
  'model.timeout': {
    retry: true,
    exit: 69,
    cause: 'a model took longer than its limit',
    remedy: 'raise timeoutMs of the model, or use a faster one',
    text: (e) => `${e.model} of ${e.provider} gave no answer within ${e.timeoutMs} ms`,
  },
} as const satisfies ErrorList;
