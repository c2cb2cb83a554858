import { createHash } from 'node:crypto';
import { PulseError } from '../../domain/errors/errors.ts';
import type { NewTrade } from '../../ports/trade-store.ts';

/** How long an idempotency key is remembered. */
export const IDEMPOTENCY_MS = 86_400_000;

/** The name under which a trade's idempotency key is kept, 64 hex digits; null where it has none. Each caller has keys of its own. */
export const idempotencyName = ({ by, idempotency }: NewTrade): string | null =>
  idempotency === null
    ? null
    : createHash('sha256')
        .update(JSON.stringify([by, idempotency.key]))
        .digest('hex');

/** The key was used for the trade `id`, with another payload. */
export const conflict = ({ idempotency }: NewTrade, id: string): PulseError =>
  new PulseError('trade.idempotency', { key: idempotency?.key, id });
