/** Something that was found, and where each arm ranked it (from 1; null: that arm did not find it). */
export interface Fused {
  readonly id: string;
  readonly score: number;
  readonly ranks: { readonly text: number | null; readonly vector: number | null };
}

/** Damps the first ranks, so that one arm alone does not carry the day (Cormack, Clarke and Büttcher, 2009). */
const K = 60;

/** Reciprocal rank fusion of two lists, best first: 1 / (60 + rank), summed over both. Of equal ones the smaller id comes first. */
export function fuse(text: readonly string[], vector: readonly string[]): Fused[] {
  const [inText, inVector] = [ranksOf(text), ranksOf(vector)];
  return [...new Set([...text, ...vector])]
    .map((id) => {
      const ranks = { text: inText.get(id) ?? null, vector: inVector.get(id) ?? null };
      return { id, score: part(ranks.text) + part(ranks.vector), ranks };
    })
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}

const part = (rank: number | null): number => (rank === null ? 0 : 1 / (K + rank));

function ranksOf(ids: readonly string[]): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const id of ids) if (!ranks.has(id)) ranks.set(id, ranks.size + 1);
  return ranks;
}
