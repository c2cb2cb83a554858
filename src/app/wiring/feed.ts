import { webSocket } from '../../adapters/exchange-socket/web-socket.ts';
import { seededRandom } from '../../adapters/random/seeded.ts';
import { openTickFile } from '../../adapters/tick-file/tick-file.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { TickSource } from '../../ports/tick-source.ts';
import { exchangeSource } from '../../services/feed/exchange-source.ts';
import { shiftOf, speedOf } from '../../services/feed/replay-options.ts';
import { replaySource } from '../../services/feed/replay-source.ts';
import { stdinSource } from '../../services/feed/stdin-source.ts';
import { syntheticSource } from '../../services/feed/synthetic-source.ts';
import type { Config } from '../config/config.ts';
import type { SettingKey } from '../config/settings.ts';
import type { Runtime } from '../host/runtime.ts';

export const feedSources = ['replay', 'synthetic', 'binance', 'coinbase', 'kraken', 'stdin'] as const;
export type FeedSource = (typeof feedSources)[number];

/** The flags that a source reads; typed for another one they would do nothing. */
const flagsOf: Readonly<Record<FeedSource, readonly SettingKey[]>> = {
  replay: ['lineSymbol', 'speed', 'shift'],
  synthetic: ['symbols', 'seed', 'from', 'to', 'speed'],
  binance: ['symbols', 'feedUrl', 'silence'],
  coinbase: ['symbols', 'feedUrl', 'silence'],
  kraken: ['symbols', 'feedUrl', 'silence'],
  stdin: ['lineSymbol'],
};
const sourceFlags = new Set(Object.values(flagsOf).flat());

/** Throws `config.conflict` where a flag is typed that the source does not read. */
export function refuseIdleFlags(source: FeedSource, config: Config): void {
  for (const key of sourceFlags)
    if (config.origin(key) === 'command line' && !flagsOf[source].includes(key))
      throw new PulseError('config.conflict', {
        settings: config.named(key),
        rule: `\`pulse feed ${source}\` has no use for it`,
      });
}

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
