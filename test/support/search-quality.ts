import { readdirSync, readFileSync } from 'node:fs';
import type { Documents } from '../../src/ports/desk.ts';

const FOLDER = new URL('../search-quality/', import.meta.url);

/** A query and what people find in it: `judged` grades documents from 1 (touches it) to 3 (answers it); all others are 0. */
export interface JudgedQuery {
  readonly kind: string;
  readonly query: string;
  readonly judged: Readonly<Record<string, number>>;
}

export const judgedQueries: readonly JudgedQuery[] = JSON.parse(readFileSync(new URL('queries.json', FOLDER), 'utf8'));

/** The documents of the set: id to Markdown. */
export const qualityDocuments: ReadonlyMap<string, string> = new Map(
  readdirSync(new URL('documents/', FOLDER))
    .sort()
    .map((file) => [file.replace(/\.md$/, ''), readFileSync(new URL(`documents/${file}`, FOLDER), 'utf8')]),
);

/** Indexes the set. */
export async function indexQualitySet(documents: Documents): Promise<void> {
  const caller = { name: 'search-quality', scopes: ['write'] as const };
  for (const [id, content] of qualityDocuments) await documents.add({ id, content, format: 'markdown' }, caller);
}

/** nDCG@10 (gain 2^grade − 1) of an answer, from 0 to 1. Where nothing is judged to answer: 1 for an empty answer, else 0. */
export function ndcg({ judged }: JudgedQuery, found: readonly string[]): number {
  const gain = (grades: readonly number[]): number =>
    grades.slice(0, 10).reduce((sum, grade, i) => sum + (2 ** grade - 1) / Math.log2(i + 2), 0);
  const ideal = gain(Object.values(judged).sort((a, b) => b - a));
  if (ideal === 0) return found.length === 0 ? 1 : 0;
  return gain(found.map((id) => judged[id] ?? 0)) / ideal;
}

export interface Quality {
  readonly query: JudgedQuery;
  readonly found: readonly string[];
  readonly ndcg: number;
}

/** What a search makes of each query of the set. */
export async function searchQuality(search: Documents['search']): Promise<Quality[]> {
  const measured: Quality[] = [];
  for (const query of judgedQueries) {
    const found = (await search(query.query, 10, 0)).results.map(({ id }) => id);
    measured.push({ query, found, ndcg: ndcg(query, found) });
  }
  return measured;
}

/** Mean nDCG@10 by kind, and `all`: the mean over all queries but those that nothing answers. */
export function meansByKind(measured: readonly Quality[]): Map<string, number> {
  const mean = (of: readonly Quality[]): number => of.reduce((sum, each) => sum + each.ndcg, 0) / of.length;
  const kinds = [...new Set(measured.map(({ query }) => query.kind))];
  return new Map([
    ['all', mean(measured.filter(({ query }) => query.kind !== 'none'))],
    ...kinds.map((kind) => [kind, mean(measured.filter(({ query }) => query.kind === kind))] as const),
  ]);
}
