import type { Config } from '../config/config.ts';
import type { Engines } from '../engines/composition.ts';

export interface FeedChoice {
  readonly feed: NonNullable<Config['values']['upFeed']>;
  /** What to say about it, in one line; null where it goes without saying. */
  readonly note: string | null;
}

const VARIABLES = { redis: 'REDIS_URL', log: 'KAFKA_BOOTSTRAP_SERVERS', database: 'PG_DSN' } as const;

/**
 * Where the ticks of `pulse up` come from. Whoever names a server of their own has a market of their own: nothing that is made up may
 * come among its ticks, its bars or its rows, unless it was asked for by name.
 */
export function chooseFeed({ values: { upFeed } }: Pick<Config, 'values'>, kind: Engines['kind']): FeedChoice {
  const real = (Object.keys(VARIABLES) as (keyof typeof VARIABLES)[]).filter((engine) => kind[engine] === 'real');
  if (real.length === 0) return { feed: upFeed ?? 'synthetic', note: null };
  const named = real.map((engine) => VARIABLES[engine]).join(', ');
  if (upFeed === null)
    return {
      feed: 'none',
      note: `No ticks are made up, since ${named} ${real.length === 1 ? 'is' : 'are'} set: something else has to publish them; \`--feed synthetic\` makes them up all the same.`,
    };
  if (upFeed !== 'synthetic') return { feed: upFeed, note: null };
  return {
    feed: upFeed,
    note: `A made-up market is published, as asked for by name, though ${named} ${real.length === 1 ? 'is' : 'are'} set.`,
  };
}
