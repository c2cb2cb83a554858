/** Of each kind so many are told one by one; more are no help to a reader. All are counted. */
const MOST_TOLD = 100;

/** The first ones of each kind, in their order. */
export function sampled<T>(items: readonly T[], kindOf: (item: T) => string): T[] {
  const counts = new Map<string, number>();
  return items.filter((item) => {
    const kind = kindOf(item);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= MOST_TOLD;
  });
}
