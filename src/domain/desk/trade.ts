import { z } from 'zod';
import type { Immutable } from '../base/immutable.ts';
import { moment } from './moment.ts';

/** A captured payload of a strategy, as the desk gives it back. */
export const trade = z.object({ id: z.string(), received_at: moment, received_by: z.string(), payload: z.unknown() });

export type Trade = Immutable<z.output<typeof trade>>;
