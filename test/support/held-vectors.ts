import { exactVectorIndex } from '../../src/adapters/vector-index/exact.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type HeldVectors, PASSAGE } from '../../src/services/desk/documents/meaning-search.ts';

/** Makes indexes of passages in memory, as they are wired. */
export const heldVectors =
  (clock: Clock) =>
  (dimensions: number, maxBytes: number): HeldVectors =>
    exactVectorIndex({ vectors: { [PASSAGE]: dimensions }, clock, maxBytes });
