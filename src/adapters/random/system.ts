import { randomBytes } from 'node:crypto';
import type { Random } from '../../ports/random.ts';
import { seededRandom } from './seeded.ts';

/** Chance from the machine's entropy: new with each call. */
export const systemRandom = (): Random => seededRandom(randomBytes(16).toString('hex'));
