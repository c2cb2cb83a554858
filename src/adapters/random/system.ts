import { randomBytes } from 'node:crypto';
import type { Random } from '../../ports/random.ts';
import { sfc32 } from './sfc32.ts';

/** Chance from the machine's entropy: new with each call. */
export const systemRandom = (): Random => sfc32(randomBytes(16).toString('hex'));
