import { z } from 'zod';
import { timeframes } from '../../../domain/base/timeframe.ts';

/** Text in a query is a number only where it is written as one: `Number('')` is 0. */
const numberOf = (raw: unknown): unknown => (typeof raw === 'string' && /^-?\d{1,15}$/.test(raw) ? Number(raw) : raw);

/** A whole number of a query. */
export const count = (min: number, max: number, otherwise: number) =>
  z.preprocess(numberOf, z.number().int().min(min).max(max)).default(otherwise);

const YES_NO: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** Yes or no of a query: true, false, 1 or 0. */
export const yesNo = z
  .preprocess((raw) => (typeof raw === 'string' ? (YES_NO[raw] ?? raw) : raw), z.boolean())
  .default(false);

/** Text that every engine can keep and look for. */
export const text = (max: number, min = 0) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\u0000]*$/, 'must not contain NUL characters');

/** A text on one line: without control characters. */
export const label = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must not contain control characters');

/** A name without spaces and control characters. */
export const name = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\s\u0000-\u001f\u007f-\u009f]+$/, 'must not contain spaces or control characters');

/** Says in a pattern, which the API description can show, what `isLegalSymbol` says. */
export const symbol = z
  .string()
  .regex(
    /^(?!rejected$)(?!.*\.dlq$)(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'a symbol has 1 to 100 of A–Z a–z 0–9 . _ -, and begins with a letter or digit',
  )
  .meta({ examples: ['EURUSD'] });

export const timeframe = z.enum(timeframes);
