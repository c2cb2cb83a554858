import type { Timeframe } from './timeframe.ts';

/** Topic of a symbol's bars in the record log. */
export const barTopic = (symbol: string, tf: Timeframe): string => `bars.${symbol}.${tf}`;

/** The prefix of the incumbent's streams, and of those of the second incumbent of a noise run. */
export const BAR_STREAMS = 'stream:bar';
export const NOISE_STREAMS = 'stream:bar:noise';

/** Redis stream of a symbol's bars. */
export const barStream = (prefix: string, symbol: string, tf: Timeframe): string => `${prefix}:${tf}:${symbol}`;

/** Redis stream that holds where the incumbent stands with a symbol. */
export const checkpointStream = (prefix: string, symbol: string): string => `${prefix}:checkpoint:${symbol}`;
