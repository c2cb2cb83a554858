import { expect, test } from 'vitest';
import { readConfig } from '../config/config.ts';
import { engines } from '../engines/composition.ts';
import { chooseFeed } from './feed-choice.ts';

const REDIS = { REDIS_URL: 'redis://127.0.0.1:1' };
const KAFKA = { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' };
const POSTGRES = { PG_DSN: 'postgres://127.0.0.1:1/pulse' };

test.each`
  set                                   | env                                      | feed           | told
  ${'nothing'}                          | ${{}}                                    | ${'synthetic'} | ${null}
  ${'REDIS_URL'}                        | ${REDIS}                                 | ${'none'}      | ${'since REDIS_URL is set'}
  ${'only Kafka'}                       | ${KAFKA}                                 | ${'none'}      | ${'since KAFKA_BOOTSTRAP_SERVERS is set'}
  ${'only Postgres'}                    | ${POSTGRES}                              | ${'none'}      | ${'since PG_DSN is set'}
  ${'all three'}                        | ${{ ...REDIS, ...KAFKA, ...POSTGRES }}   | ${'none'}      | ${'REDIS_URL, KAFKA_BOOTSTRAP_SERVERS, PG_DSN are set'}
  ${'REDIS_URL, and synthetic by name'} | ${{ ...REDIS, PULSE_FEED: 'synthetic' }} | ${'synthetic'} | ${'as asked for by name'}
  ${'Kafka, and an exchange by name'}   | ${{ ...KAFKA, PULSE_FEED: 'kraken' }}    | ${'kraken'}    | ${null}
  ${'none by name'}                     | ${{ PULSE_FEED: 'none' }}                | ${'none'}      | ${null}
`('with $set set the feed is $feed', ({ env, feed, told }) => {
  const { config } = readConfig('up', { flags: {}, env, file: null });
  const { kind } = engines({ config, clock: null as never, dataDir: '/nowhere' });
  const chosen = chooseFeed(config, kind);
  expect(chosen.feed).toBe(feed);
  if (told === null) expect(chosen.note).toBeNull();
  else expect(chosen.note).toContain(told);
  expect(chosen.note ?? '').not.toContain('\n');
});
