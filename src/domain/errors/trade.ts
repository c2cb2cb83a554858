import type { ErrorList } from './spec.ts';

/** Errors of captured trade payloads. */
export const tradeErrors = {
  'trade.none': {
    retry: false,
    exit: null,
    status: 404,
    cause: 'no trade payload is stored under the id',
    remedy: 'use an id that `POST /log_enriched_trade` answered with',
    text: (e) => `there is no trade payload ${JSON.stringify(e.id)}`,
  },
  'trade.cursor': {
    retry: false,
    exit: null,
    status: 404,
    cause: 'the trade in `before` is not stored',
    remedy: 'use an id of the previous page, or leave `before` out to begin with the newest',
    text: (e) => `there is no trade payload ${JSON.stringify(e.before)} to go on before`,
  },
  'trade.idempotency': {
    retry: false,
    exit: null,
    status: 409,
    cause: 'the same Idempotency-Key was sent with another payload',
    remedy: 'use a new key for each payload; send the same one only to repeat a request',
    text: (e) =>
      `the Idempotency-Key ${JSON.stringify(e.key)} was used for another payload, which is stored as ${e.id}`,
  },
} as const satisfies ErrorList;
