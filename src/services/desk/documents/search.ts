import type { SearchHit, SearchPage } from '../../../domain/desk/search-page.ts';
import { fuse } from '../../../domain/search/fusion.ts';
import { askedWords, parseQuery, type SearchQuery } from '../../../domain/search/query.ts';
import { snippetOf } from '../../../domain/search/snippet.ts';
import { correctableWords, correctedText, meantWord } from '../../../domain/search/spelling.ts';
import { wordsOf } from '../../../domain/search/words.ts';
import type { Documents } from '../../../ports/desk.ts';
import type { Metrics } from '../../../ports/metrics.ts';
import type { DocumentStore, StoredChunk } from '../../../stores/documents.ts';
import type { VectorSearch } from './vector-search.ts';

export interface SearchNeeds {
  readonly store: DocumentStore;
  /** Null: searches go by full text alone. */
  readonly vectors: VectorSearch | null;
  readonly metrics: Metrics;
}

/** A document that was found: its best passage and why it stands where it does. */
interface RankedPassage extends Pick<SearchHit, 'score' | 'ranks'> {
  readonly documentId: string;
  readonly number: number;
}

/** How far down each arm is looked at for the fused list, which thus is the same for each of its pages. */
const DEPTH = 200;
/**
 * Cosine below which a passage has nothing to do with the query: some passage is always the nearest. Of the judged set with all-MiniLM-L6-v2,
 * 85 % of what answers nothing lies below, and 5 % of what answers best. Models that put all texts close together are not affected.
 */
const LEAST_SIMILARITY = 0.2;
const LONGEST_QUERY = 4_000;

/** Searches by full text; with vectors by both, the two lists fused. */
export function searchDocuments(
  { store, vectors, metrics }: SearchNeeds,
  urlOf: (document: { id: string; url: string | null }) => string,
): Documents['search'] {
  const searches = metrics.counter('pulse_document_searches_total');
  const failures = metrics.counter('pulse_document_vector_failures_total');
  return async (text, limit, offset) => {
    const query = text.slice(0, LONGEST_QUERY).toWellFormed();
    const corrected = await correct(store, query);
    const asked = parseQuery(corrected ?? query);
    const near = vectors === null ? null : await nearest({ store, vectors }, asked, corrected ?? query, failures.inc);
    const { total, found } =
      near === null ? await byText(store, asked, limit, offset) : await byBoth(store, asked, near, limit, offset);
    const mode = near === null ? 'text' : 'hybrid';
    searches.inc(1, { mode });
    return {
      query: text,
      corrected,
      mode,
      total,
      results: await hits(store, asked, found, urlOf),
    } satisfies SearchPage;
  };
}

/** The query with its misspelled words replaced; null where there are none. */
async function correct({ index }: DocumentStore, text: string): Promise<string | null> {
  const query = parseQuery(text);
  const words = correctableWords(query);
  if (words.length === 0) return null;
  const meant = new Map<string, string>();
  for (const word of await index.unknown(words)) {
    const better = meantWord(word, await index.like(word));
    if (better !== null) meant.set(word, better);
  }
  return meant.size === 0 ? null : correctedText(text, query, meant);
}

interface Page {
  readonly total: number;
  readonly found: readonly RankedPassage[];
}

async function byText({ index }: DocumentStore, query: SearchQuery, limit: number, offset: number): Promise<Page> {
  const { total, matches } = await index.search(query, limit, offset);
  const found = matches.map(({ documentId, chunk, score }, i) => ({
    documentId,
    number: chunk,
    score,
    ranks: { text: offset + i + 1, vector: null },
  }));
  return { total, found };
}

async function byBoth(
  { index }: DocumentStore,
  query: SearchQuery,
  near: ReadonlyMap<string, number>,
  limit: number,
  offset: number,
): Promise<Page> {
  const { matches } = await index.search(query, DEPTH, 0);
  const inText = new Map(matches.map(({ documentId, chunk }) => [documentId, chunk]));
  const fused = fuse([...inText.keys()], [...near.keys()]);
  const found = fused.slice(offset, offset + limit).map(({ id, score, ranks }) => ({
    documentId: id,
    // The passage of the arm that ranked it higher: with words in it, where both did alike.
    number:
      (ranks.text ?? Number.POSITIVE_INFINITY) <= (ranks.vector ?? Number.POSITIVE_INFINITY)
        ? inText.get(id)!
        : near.get(id)!,
    score,
    ranks,
  }));
  return { total: fused.length, found };
}

/** Documents that lie near the query and may be shown, nearest first, each with its nearest passage; null where that search failed. */
async function nearest(
  { store, vectors }: { store: DocumentStore; vectors: VectorSearch },
  query: SearchQuery,
  text: string,
  failed: () => void,
): Promise<Map<string, number> | null> {
  if (query.groups.length === 0) return new Map();
  const near = new Map<string, number>();
  try {
    for (const { documentId, chunk, similarity } of await vectors.nearest(meaning(query, text), DEPTH))
      if (similarity >= LEAST_SIMILARITY && !near.has(documentId)) near.set(documentId, chunk);
  } catch {
    // Counted, and told by the mode of the answer: the words of the query still find what has them.
    failed();
    return null;
  }
  const allowed = await store.index.allowed(query, [...near.keys()]);
  return new Map([...near].filter(([id]) => allowed.has(id)));
}

/** What is asked for, in its own words and order, without what is excluded. */
const meaning = ({ groups }: SearchQuery, text: string): string =>
  groups
    .flat()
    .map(({ start, end }) => text.slice(start, end))
    .join(' ');

async function hits(
  store: DocumentStore,
  query: SearchQuery,
  found: readonly RankedPassage[],
  urlOf: (document: { id: string; url: string | null }) => string,
): Promise<SearchHit[]> {
  if (found.length === 0) return [];
  const chunks = await store.chunks(found);
  const byId = new Map(chunks.map((chunk) => [chunk.documentId, chunk]));
  const wanted = await wordsToMark(store, query, chunks);
  return found.flatMap(({ documentId, score, ranks }) => {
    // Removed since it was found.
    const chunk = byId.get(documentId);
    if (chunk === undefined) return [];
    const { title, headings, content } = chunk;
    const url = urlOf({ id: documentId, url: chunk.url });
    return [{ id: documentId, title, url, content, headings, snippet: snippetOf(content, wanted), score, ranks }];
  });
}

async function wordsToMark(
  { index }: DocumentStore,
  query: SearchQuery,
  chunks: readonly StoredChunk[],
): Promise<Set<string>> {
  const words = new Set(chunks.flatMap(({ content }) => wordsOf(content).map(({ word }) => word)));
  return index.formsOf(askedWords(query), [...words]);
}
