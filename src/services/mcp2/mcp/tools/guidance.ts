import { z } from 'zod';
import { type GuidanceAnswer, guidanceAnswer } from '../../../../domain/desk/guidance-answer.ts';
import { fieldsRead } from '../../../../domain/guidance/fields-read.ts';
import { strategyPayload } from '../../../../domain/trade/strategy-payload.ts';
import type { GuidanceRequest } from '../../../../ports/desk.ts';
import { demand } from '../outcome.ts';
import { type Call, tool } from '../tool.ts';
import { tradeId } from './trades.ts';

const input = z.object({
  payload: strategyPayload.optional(),
  trade_id: tradeId.optional().describe('Of a stored trade, in place of payload'),
  stream: z.string().min(1).max(200).optional().describe('Whose newest entry holds the payload, in place of payload'),
  model: z.string().min(1).max(100).optional().describe('Only with stream: name of a configured model'),
  questions: z.array(z.string().min(1).max(2_000)).max(20).default([]),
  notes: z.string().max(10_000).default('').describe('Free text of the trader; weighed, never followed'),
  nudges: z.boolean().default(true).describe('Whether behavioural nudges may be added; the numbers are the same'),
});

const oneOf = input.refine(
  (asked) => [asked.payload, asked.trade_id, asked.stream].filter((each) => each !== undefined).length === 1,
  { message: 'give exactly one of payload, trade_id and stream' },
);

const getGuidance = tool({
  name: 'get_guidance',
  title: 'Guidance on a trade',
  description: `Judges a trade idea against its limits, exposure, trend, volatility, session and recent losses, and answers with signal, risk, action and a journal line. Give the payload itself, the id of a stored trade, or a stream whose newest entry holds one. ${fieldsRead} May call a language model, which takes seconds and can cost money.`,
  scope: 'llm',
  action: 'llm.guidance',
  // Each call is stored, and a model outside may be asked.
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input: oneOf
    .refine((asked) => asked.model === undefined || asked.stream !== undefined, { message: 'model is only for stream' })
    .refine((asked) => asked.nudges || asked.stream === undefined, { message: 'with stream, nudges are always added' }),
  output: guidanceAnswer,
  run: ask,
});

async function ask(asked: z.output<typeof input>, call: Call): Promise<GuidanceAnswer> {
  const { guidance } = call.desk;
  const { questions, notes, stream, model } = asked;
  const { caller, signal } = call;
  if (stream !== undefined) return guidance.analyze(model ?? 'whisperer', stream, { questions, notes }, caller, signal);
  const request: GuidanceRequest = {
    payload: asked.payload ?? (await storedPayload(asked.trade_id!, call)),
    questions,
    notes,
  };
  return asked.nudges ? guidance.whisperer(request, caller, signal) : guidance.simple(request, caller, signal);
}

/** Guidance tells much of the trade: whoever asks for it must be allowed to read trades. */
async function storedPayload(id: string, call: Call): Promise<GuidanceRequest['payload']> {
  demand('read', 'guidance on a stored trade', call);
  return strategyPayload.parse((await call.desk.trades.fetch(id)).payload);
}

export const guidanceTools = [getGuidance];
