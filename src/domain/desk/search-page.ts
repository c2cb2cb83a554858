import { z } from 'zod';
import type { Immutable } from '../base/immutable.ts';

const rank = z.number().int().nullable();

/** A document that a search found, by the passage of it that fits best. */
export const searchHit = z.object({
  id: z.string().describe('Of the document'),
  title: z.string(),
  url: z.string(),
  content: z.string().describe('The passage that fits best'),
  /** Of that passage, outermost first. */
  headings: z.array(z.string()),
  snippet: z.string().describe('HTML: the words stand between <mark> and </mark>, the rest is escaped'),
  score: z.number(),
  ranks: z.object({ text: rank, vector: rank }).describe('Place by each arm, from 1; null where it did not find it'),
});

export type SearchHit = Immutable<z.output<typeof searchHit>>;

export const searchPage = z.object({
  query: z.string(),
  corrected: z.string().nullable().describe('What was searched in place of a misspelled query'),
  mode: z.enum(['text', 'hybrid']),
  total: z.number().int(),
  results: z.array(searchHit),
});

export type SearchPage = Immutable<z.output<typeof searchPage>>;
