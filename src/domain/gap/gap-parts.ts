import type { GapBounds, GapRecord } from './gap.ts';

/** Of a gap's symbols, as JSON: below what any log takes as a record (1 MB), with room to grow. */
const MAX_CHARACTERS = 500_000;
const PARTS = 128;

/** Whether a gap names so many symbols that one record does not hold them. */
export const isLarge = ({ symbols }: GapRecord): boolean => JSON.stringify(symbols).length > MAX_CHARACTERS;

/**
 * A gap as several, each with some of its symbols: the first under the gap's own id, the others under ids made from it. A symbol is always in
 * the same part, so that later states of the gap replace the earlier ones part by part. What was filled in is told with the first.
 */
export function gapParts(gap: GapRecord): GapRecord[] {
  const parts = Array.from({ length: PARTS }, (): Record<string, GapBounds> => ({}));
  for (const [symbol, bounds] of Object.entries(gap.symbols)) parts[partOf(symbol)]![symbol] = bounds;
  return parts.map((symbols, i) =>
    i === 0 ? { ...gap, symbols } : { ...gap, id: `${gap.id}/${i}`, symbols, filled: 0 },
  );
}

/** FNV-1a. */
function partOf(symbol: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < symbol.length; i += 1) hash = Math.imul(hash ^ symbol.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % PARTS;
}
