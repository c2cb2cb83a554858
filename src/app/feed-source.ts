import { webSocket } from '../adapters/exchange-socket/web-socket.ts';
import { seededRandom } from '../adapters/random/seeded.ts';
import { openTickFile } from '../adapters/tick-file/tick-file.ts';
import { PulseError } from '../domain/errors.ts';
import type { TickSource } from '../ports/tick-source.ts';
import { exchangeSource } from '../services/feed/exchange-source.ts';
import { shiftOf, speedOf } from '../services/feed/replay-options.ts';
import { replaySource } from '../services/feed/replay-source.ts';
import { stdinSource } from '../services/feed/stdin-source.ts';
import { syntheticSource } from '../services/feed/synthetic-source.ts';
import type { Runtime } from './runtime.ts';

export const feedSources = ['replay', 'synthetic', 'binance', 'coinbase', 'kraken', 'stdin'] as const;
export type FeedSource = (typeof feedSources)[number];

/** Makes a source of ticks as configured. Rejects with `usage.invalid` where `replay` has no file, or with `feed.*`. */
export async function feedSource(
  source: FeedSource,
  file: string | undefined,
  { config, clock, random, metrics, journals }: Runtime,
): Promise<TickSource> {
  const { symbols, seed, speed, shift, from, to, lineSymbol, feedUrl, silence } = config.values;
  switch (source) {
    case 'replay': {
      if (file === undefined)
        throw new PulseError('usage.invalid', {
          problem: '`pulse feed replay` needs a file',
          help: 'pulse feed --help',
        });
      const recorded = await openTickFile(file, lineSymbol === null ? {} : { symbol: lineSymbol });
      return replaySource({ file: recorded, clock }, { speed: speedOf(speed), shift: shiftOf(shift, clock.now()) });
    }
    case 'synthetic': {
      const past = from === null || to === null ? null : { from, to, speed: speedOf(speed) };
      return syntheticSource({ clock, random: seededRandom(seed) }, { symbols, past });
    }
    case 'stdin':
      return stdinSource({ input: process.stdin }, { symbol: lineSymbol });
    default:
      return exchangeSource(
        { socket: webSocket(), clock, random, journal: journals.of('feed'), metrics },
        { exchange: source, symbols, url: feedUrl, silenceMs: silence },
      );
  }
}
