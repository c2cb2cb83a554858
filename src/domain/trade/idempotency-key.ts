import { z } from 'zod';
import { PulseError } from '../errors/errors.ts';

/** The caller's own name of a trade that it logs: what a header can hold. */
export const idempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces');

/** Throws `request.argument` where it is none. */
export function checkIdempotencyKey(key: string): void {
  if (idempotencyKey.safeParse(key).success) return;
  throw new PulseError('request.argument', {
    reason: 'an idempotency key has 1 to 255 characters, all of them printable ASCII, and no spaces',
  });
}
