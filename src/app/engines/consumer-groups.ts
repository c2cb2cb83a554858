import { REPLAY_GROUP } from '../dead-letters/dead-letter.ts';

/** The consumer groups of Pulse's own services: where they stand in the log is kept under these names. */
export const consumerGroups = {
  bars: 'pulse-bars',
  overseer: 'pulse-overseer',
  enrichment: 'enrichers',
  replay: REPLAY_GROUP,
} as const;
