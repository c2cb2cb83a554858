import type { SearchQuery, Term } from '../domain/search/query.ts';
import { type KnownWord, trigramsOf } from '../domain/search/spelling.ts';
import type { Database } from '../ports/database.ts';

/** A document that a query found, by the passage that fits it best. */
export interface TextMatch {
  readonly documentId: string;
  readonly chunk: number;
  readonly score: number;
}

/** The full-text index of the documents. Each call may reject with `database.*`. */
export interface DocumentSearch {
  /** Best first, each document once; `total` counts them all, whatever the page. */
  search(query: SearchQuery, limit: number, offset: number): Promise<{ total: number; matches: TextMatch[] }>;
  /** Those of the documents that are there and that a query does not forbid: they have a passage with what it quotes, and nothing that it excludes. */
  allowed(query: SearchQuery, documentIds: readonly string[]): Promise<Set<string>>;
  /** Those of the words that no document has, in whatever form. */
  unknown(words: readonly string[]): Promise<string[]>;
  /** Words of documents that share letters with the given one, the likest first. */
  like(word: string): Promise<KnownWord[]>;
  /** Those of `words` that are forms of one of `wanted`. */
  formsOf(wanted: readonly string[], words: readonly string[]): Promise<Set<string>>;
}

/** Of a word in the title and in the headings, against one in the text; found by measurement (bench/search.ts). */
const TITLE = 3;
const HEADINGS = 1;
/** BM25: how soon a further occurrence of a word counts no more, and how much long passages are held against it. */
const K1 = 1.2;
const B = 0.5;
const CANDIDATES = 40;

/** Passages that a tsquery fits; none where it is empty. */
const passages = (tsquery: string): string =>
  // sql-ok: the argument is the name of a parameter
  `SELECT document_id, number FROM document_chunks WHERE search @@ to_tsquery('pulse_words', nullif(${tsquery}::text, ''))`;

/**
 * Passages that have all that is asked come first, then those that have some of it; both by BM25 with fields (Robertson and Zaragoza, 2009). $1: the
 * words, $2: all that is asked, $3: what of it is quoted, $4: what is excluded, as tsqueries. Scores are rounded, so that equal ones are so on
 * every server. A passage itself is read only where the index asks for it: of common words the search takes a quarter of the time then.
 */
const SEARCH = `
  WITH totals AS (SELECT sum(chunks)::float8 AS chunks, sum(length)::float8 / sum(chunks) AS length FROM documents),
  wanted AS (SELECT lexeme FROM unnest(to_tsvector('pulse_words', $1))),
  weights AS (
    SELECT lexeme, ln(1 + (totals.chunks - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM wanted JOIN document_terms USING (lexeme), totals GROUP BY lexeme, totals.chunks),
  scored AS (
    SELECT t.document_id, t.number, round(sum(
      weight * f.frequency * (${K1} + 1) / (f.frequency + ${K1} * (1 - ${B} + ${B} * t.length / totals.length)))::numeric, 6) AS score
    FROM totals, weights JOIN document_terms t USING (lexeme),
      LATERAL (SELECT ${TITLE} * t.in_title + ${HEADINGS} * t.in_headings + t.in_content AS frequency) f
    GROUP BY t.document_id, t.number),
  complete AS MATERIALIZED (${passages('$2')}),
  best AS (
    SELECT DISTINCT ON (document_id) document_id, number, complete.number IS NOT NULL AS whole, score
    FROM scored LEFT JOIN complete USING (document_id, number)
    WHERE ($3 = '' OR (document_id, number) IN (${passages('$3')}))
      AND document_id NOT IN (SELECT document_id FROM (${passages('$4')}) x)
    ORDER BY document_id, whole DESC, score DESC, number)
  SELECT total.n AS total, page.* FROM (SELECT count(*)::int4 AS n FROM best) total LEFT JOIN (
    SELECT document_id AS "documentId", number AS chunk, score::float8 AS score, whole FROM best
    ORDER BY whole DESC, best.score DESC, document_id LIMIT $5 OFFSET $6) page ON true
  ORDER BY page.whole DESC, page.score DESC, page."documentId"`;

const ALLOWED = `
  SELECT t.id FROM unnest($1::text[]) AS t(id) JOIN documents USING (id)
  WHERE ($2 = '' OR EXISTS (SELECT FROM document_chunks c WHERE c.document_id = t.id AND c.search @@ to_tsquery('pulse_words', $2)))
    AND NOT EXISTS (SELECT FROM document_chunks c WHERE c.document_id = t.id AND c.search @@ to_tsquery('pulse_words', $3))`;

const LIKE = `
  SELECT word, documents FROM document_words, LATERAL (SELECT count(*) AS shared FROM unnest(trigrams) AS t(t) WHERE t = ANY($1::text[])) s
  WHERE trigrams && $1::text[] ORDER BY shared::float8 / cardinality(trigrams) DESC, word LIMIT ${CANDIDATES}`;

const STEMS = "SELECT word, ts_lexize('pulse_stem', word) AS stems FROM unnest($1::text[]) AS t(word)";

export function documentSearch({ query: sql }: Pick<Database, 'query'>): DocumentSearch {
  return {
    async search(query, limit, offset) {
      if (query.groups.length === 0) return { total: 0, matches: [] };
      const rows = await sql<TextMatch & { total: number } & Record<string, unknown>>(SEARCH, [
        wordsIn(query.groups.flat()),
        all(query),
        all(quotedOnly(query)),
        anyOf(query.excluded),
        limit,
        offset,
      ]);
      const matches = rows.filter(({ documentId }) => documentId !== null);
      return {
        total: rows[0]?.total ?? 0,
        matches: matches.map(({ documentId, chunk, score }) => ({ documentId, chunk, score })),
      };
    },
    async allowed(query, documentIds) {
      const rows = await sql<{ id: string }>(ALLOWED, [documentIds, all(quotedOnly(query)), anyOf(query.excluded)]);
      return new Set(rows.map(({ id }) => id));
    },
    async unknown(words) {
      const rows = await sql<{ word: string }>(
        `SELECT word FROM unnest($1::text[]) AS t(word) WHERE NOT EXISTS (
           SELECT FROM document_terms d WHERE d.lexeme = ANY(ts_lexize('pulse_stem', t.word)))`,
        [words],
      );
      return rows.map(({ word }) => word);
    },
    like: (word) => sql<KnownWord & Record<string, unknown>>(LIKE, [trigramsOf(word)]),
    async formsOf(wanted, words) {
      const stems = async (of: readonly string[]) => sql<{ word: string; stems: string[] | null }>(STEMS, [of]);
      const looked = new Set((await stems(wanted)).flatMap((row) => row.stems ?? []));
      const found = (await stems(words)).filter((row) => row.stems?.some((stem) => looked.has(stem)));
      return new Set(found.map(({ word }) => word));
    },
  };
}

// Words are letters and digits alone, so there is nothing in them that could be an operator.
const phrase = (words: readonly string[]): string => `(${words.map((word) => `'${word}'`).join(' <-> ')})`;
const anyOf = (terms: readonly Term[]): string => terms.map(({ words }) => phrase(words)).join(' | ');
const every = (parts: readonly string[]): string => parts.map((part) => `(${part})`).join(' & ');
const wordsIn = (terms: readonly Term[]): string => terms.flatMap(({ words }) => words).join(' ');

const all = ({ groups }: Pick<SearchQuery, 'groups'>): string => every(groups.map(anyOf));

/** The groups of which nothing may be left out. */
const quotedOnly = ({ groups }: SearchQuery): Pick<SearchQuery, 'groups'> => ({
  groups: groups.filter((group) => group.every(({ quoted }) => quoted)),
});
