import { z } from 'zod';
import { PulseError } from '../errors/errors.ts';

/** The id of an entry of a stream, as the answers of the desk have it. */
export const entryId = z
  .string()
  .regex(/^\d{1,15}(-\d{1,15})?$/, 'must be the id of an entry, such as 1772460000000-0');

export const notAnEntry = (id: string | null): PulseError =>
  new PulseError('request.argument', { reason: `${JSON.stringify(id)} is no id of an entry, such as 1772460000000-0` });
