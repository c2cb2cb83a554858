import type { Random } from '../../ports/random.ts';
import { sfc32 } from './sfc32.ts';

/** Chance from a seed: a whole run can be had again. */
export const seededRandom = (seed: string | number): Random => sfc32(String(seed));
