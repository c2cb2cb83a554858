import { z } from 'zod';
import { PulseError } from '../../../domain/errors/errors.ts';

const place = z.discriminatedUnion('of', [
  z.object({ of: z.literal('documents'), offset: z.number().int().min(0).max(1_000_000) }),
  z.object({ of: z.literal('trades'), before: z.string().min(1).max(100).nullable() }),
]);

/** Where a page of the list of resources begins. */
export type Place = z.infer<typeof place>;

/** Clients hand it back as it is. */
export const cursorOf = (next: Place): string => Buffer.from(JSON.stringify(next)).toString('base64url');

/** Throws `request.cursor`. */
export function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { of: 'documents', offset: 0 };
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    throw new PulseError('request.cursor', { cursor: cursor.slice(0, 100) }, { cause });
  }
}
