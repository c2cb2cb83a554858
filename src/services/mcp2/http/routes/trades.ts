import { z } from 'zod';
import { trade } from '../../../../domain/desk/trade.ts';
import { idempotencyKey } from '../../../../domain/trade/idempotency-key.ts';
import { strategyPayload } from '../../../../domain/trade/strategy-payload.ts';
import type { Endpoint } from '../../../../edge/endpoint.ts';
import { type Fault, InputFaults, parsed } from '../../../../edge/faults.ts';
import { requestSchemas } from '../../../../edge/named-schemas.ts';
import type { Trades } from '../../../../ports/desk.ts';
import { tradeId as tradeIdAnswer, tradePage } from '../answers.ts';
import { endpoint } from '../endpoint.ts';
import { payloadExample, tradeIdExample } from '../examples.ts';
import { count, text } from '../inputs.ts';

const tradeId = text(200, 1).describe('An id that POST /log_enriched_trade answered with');

const idempotency = z.object({
  'idempotency-key': idempotencyKey
    .optional()
    .describe('Your own name of this request: sent again under it, the same payload is stored once'),
});

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The payload of a body, which may be it, or hold it alone under `payload`. A payload may itself have a field of that name. */
function payloadOf(body: unknown) {
  const wrapped = isObject(body) && isObject(body.payload) && Object.keys(body).length === 1;
  const faults: Fault[] = [];
  const payload = parsed(
    strategyPayload,
    wrapped ? body.payload : body,
    wrapped ? ['body', 'payload'] : ['body'],
    faults,
  );
  if (faults.length > 0) throw new InputFaults(faults);
  return payload;
}

strategyPayload.register(requestSchemas, { id: 'StrategyPayload' });
const tradeBody = z
  .union([strategyPayload, z.strictObject({ payload: strategyPayload })])
  .register(requestSchemas, { id: 'TradeBody' });

export const tradeRoutes = (trades: Trades): Endpoint[] => [
  endpoint({
    method: 'POST',
    path: '/log_enriched_trade',
    access: 'write',
    tag: 'Trades',
    summary: 'Store a trade payload',
    about:
      'Answers once the payload is stored; from there it is forwarded to the record log. The body is the payload, or `{"payload": …}`.',
    headers: idempotency,
    // The handler reads it: it knows which of both forms was meant, so that each fault names its place in it.
    body: z.unknown(),
    documentedBody: tradeBody,
    bodyExample: payloadExample,
    audit: 'trade.log',
    answers: {
      200: {
        about: 'Stored',
        schema: tradeIdAnswer,
        example: { id: tradeIdExample },
        headers: { 'Idempotency-Replayed': '`true` where it had been stored under the same Idempotency-Key before' },
      },
    },
    failures: { 409: 'The Idempotency-Key was used for another payload' },
    async run({ body: given, headers }, { caller, reply, about }) {
      const { id, repeated } = await trades.log(payloadOf(given), caller, headers['idempotency-key'] ?? null);
      about(id);
      if (repeated) reply.header('idempotency-replayed', 'true');
      return { id };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/fetch_payload',
    access: 'read',
    tag: 'Trades',
    summary: 'One stored payload',
    query: z.object({ id: tradeId }),
    answers: { 200: { about: 'The payload, and when and by whom it was sent', schema: trade } },
    failures: { 404: 'There is none of that id' },
    run: ({ query }) => trades.fetch(query.id),
  }),
  endpoint({
    method: 'GET',
    path: '/trades/recent',
    access: 'read',
    tag: 'Trades',
    summary: 'The newest payloads, newest first',
    query: z.object({
      limit: count(1, 500, 50),
      before: tradeId.optional().describe('Only those stored before this one: `next` of the page before'),
    }),
    answers: {
      200: {
        about: '`next` is what to send as `before` for the next page, or null at the end',
        schema: tradePage,
      },
    },
    failures: { 404: 'There is no trade `before`' },
    async run({ query: { limit, before } }) {
      const page = await trades.recent(limit, before ?? null);
      return { trades: page, next: page.length < limit ? null : page.at(-1)!.id };
    },
  }),
];
