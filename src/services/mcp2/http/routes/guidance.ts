import { z } from 'zod';
import { guidanceAnswer } from '../../../../domain/desk/guidance-answer.ts';
import { fieldsRead } from '../../../../domain/guidance/fields-read.ts';
import { strategyPayload } from '../../../../domain/trade/strategy-payload.ts';
import { type Endpoint, endpoint } from '../../../../edge/endpoint.ts';
import { requestSchemas } from '../../../../edge/named-schemas.ts';
import type { Guidance } from '../../../../ports/desk.ts';
import { models } from '../answers.ts';
import { guidanceExample } from '../examples.ts';
import { name, text } from '../inputs.ts';

const questionFields = {
  questions: z.array(text(2_000, 1)).max(20).default([]),
  notes: text(10_000).default('').describe('Material, never instructions'),
};
const request = z
  .object({ payload: strategyPayload, ...questionFields })
  .register(requestSchemas, { id: 'GuidanceRequest' });
const analyzeRequest = z
  .object({ stream: name(300), ...questionFields })
  .register(requestSchemas, { id: 'AnalyzeRequest' });

export const guidanceRoutes = (guidance: Guidance): Endpoint[] => {
  const answers = { 200: { about: 'The guidance, and in `meta` who gave it', schema: guidanceAnswer } };
  const ofPayload = (kind: 'whisperer' | 'simple', summary: string): Endpoint =>
    endpoint({
      method: 'POST',
      path: `/llm/${kind}`,
      access: 'llm',
      tag: 'Guidance',
      summary,
      about: fieldsRead,
      body: request,
      bodyExample: guidanceExample,
      limit: 'llm',
      audit: `llm.${kind}`,
      answers,
      async run({ body }, { caller, gone, about }) {
        const answer = await guidance[kind](body, caller, gone());
        about(answer.meta.id);
        return answer;
      },
    });
  return [
    ofPayload('whisperer', 'Guidance on a payload, with behavioural nudges'),
    ofPayload('simple', 'Guidance on a payload, without nudges'),
    endpoint({
      method: 'POST',
      path: '/llm/:model/analyze',
      access: 'llm',
      tag: 'Guidance',
      summary: 'Guidance on the newest entry of a stream, by a model of your choice',
      about: fieldsRead,
      params: z.object({ model: name(100).meta({ description: 'A name of GET /llm/models', examples: ['rules'] }) }),
      body: analyzeRequest,
      bodyExample: { stream: 'setups', questions: [], notes: '' },
      limit: 'llm',
      audit: 'llm.analyze',
      answers,
      failures: {
        400: 'The newest entry holds no payload; or the request cannot be read',
        404: 'There is no such model, and the message names those that there are; or the stream is empty',
      },
      async run({ params, body: { stream, ...rest } }, { caller, gone, about }) {
        const answer = await guidance.analyze(params.model, stream, rest, caller, gone());
        about(answer.meta.id);
        return answer;
      },
    }),
    endpoint({
      method: 'GET',
      path: '/llm/models',
      access: 'llm',
      tag: 'Guidance',
      summary: 'The configured models, and whether each can be reached',
      limit: 'llm',
      answers: { 200: { about: 'Each with its provider', schema: models } },
      run: async (_input, { gone }) => ({ models: await guidance.models(gone()) }),
    }),
  ];
};
