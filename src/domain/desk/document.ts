import { z } from 'zod';
import type { Immutable } from '../base/immutable.ts';
import { moment } from './moment.ts';

export const documentFormat = z.enum(['markdown', 'text', 'html']);

export type DocumentFormat = z.output<typeof documentFormat>;

/** The id of a document stands in its URL. Dots alone a browser takes for a step in the path. */
export const documentId = z
  .string()
  .regex(/^(?!\.+$)[A-Za-z0-9._~-]{1,128}$/, 'must be 1 to 128 of A–Z a–z 0–9 . _ ~ -, and not dots alone');

/** A document without its content, as lists have it. */
export const listedDocument = z.object({
  id: z.string(),
  title: z.string(),
  url: z.string(),
  format: documentFormat,
  indexed_at: moment,
});

export type ListedDocument = Immutable<z.output<typeof listedDocument>>;

export const storedDocument = listedDocument.extend({ content: z.string() });

export type StoredDocument = Immutable<z.output<typeof storedDocument>>;

/** What adding a document did. */
export const indexedDocument = z.object({
  id: z.string(),
  chunks: z.number().int(),
  change: z.enum(['added', 'updated', 'unchanged']),
});

export type IndexedDocument = Immutable<z.output<typeof indexedDocument>>;
