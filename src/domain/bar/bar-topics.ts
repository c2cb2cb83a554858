import { type Timeframe, timeframes } from '../base/timeframe.ts';

/** Topic of a symbol's bars in the record log. */
export const barTopic = (symbol: string, tf: Timeframe): string => `bars.${symbol}.${tf}`;

/** The prefix of the incumbent's streams, and of those of the second incumbent of a noise run. */
export const BAR_STREAMS = 'stream:bar';
export const NOISE_STREAMS = 'stream:bar:noise';

/** On an entry of a stream of bars: the side from which readers take bars instead, since a promotion. */
export const SUPERSEDED_BY = 'superseded_by';

/** Whether a stream is one of the incumbent's bars, which a promotion supersedes. Its own notes and a noise run's bars are none. */
export const isIncumbentStream = (stream: string): boolean =>
  timeframes.some((tf) => stream.startsWith(`${BAR_STREAMS}:${tf}:`));

/** Redis stream of a symbol's bars. */
export const barStream = (prefix: string, symbol: string, tf: Timeframe): string => `${prefix}:${tf}:${symbol}`;

/** Redis stream that holds where the incumbent stands with a symbol. */
export const checkpointStream = (prefix: string, symbol: string): string => `${prefix}:checkpoint:${symbol}`;
