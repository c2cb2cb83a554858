import { settingsOf } from '../setting.ts';
import { choice, duration, int, list, symbol, text, url, yesNo } from '../value-type.ts';

const setting = settingsOf('Feed');

export const feedSettings = {
  lineSymbol: setting({
    flag: '--symbol',
    type: symbol,
    otherwise: 'what the name of the file begins with',
    about: 'symbol of lines that name none',
    services: ['feed', 'verify', 'enrich-file'],
  }),
  upFeed: setting({
    env: 'PULSE_FEED',
    flag: '--feed',
    type: choice(['synthetic', 'binance', 'coinbase', 'kraken', 'none']),
    otherwise: 'synthetic; none where REDIS_URL, KAFKA_BOOTSTRAP_SERVERS or PG_DSN is set',
    about: 'source of ticks; none: something else publishes them',
    services: ['up'],
  }),
  symbols: setting({
    env: 'FEED_SYMBOLS',
    flag: '--symbols',
    type: list(symbol),
    otherwise: "the source's own choice",
    about: 'symbols to publish',
    services: ['up', 'feed'],
  }),
  seed: setting({
    env: 'PULSE_SEED',
    flag: '--seed',
    type: int({ min: 0, max: 4_294_967_295 }),
    default: 1,
    about: 'seed of the synthetic market',
    services: ['up', 'feed'],
  }),
  speed: setting({
    env: 'FEED_SPEED',
    flag: '--speed',
    type: text('<1|60|max>', /^(max|[1-9]\d{0,5}(\.\d+)?)$/, 'max, or a factor from 1 to 999999'),
    default: '1',
    about: 'speed of a replay: 1 as recorded, 60 sixty times as fast, max as fast as possible',
    services: ['feed'],
  }),
  shift: setting({
    env: 'FEED_SHIFT',
    flag: '--shift',
    type: text(
      '<shift>',
      /^(none|now|-?\d+(\.\d+)?(ms|s|m|h|d)|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?)$/,
      'none, now, a duration such as 2h or -7d, or a moment in ISO 8601',
    ),
    default: 'none',
    about: 'move the times of a tape: by a duration, or so that its first tick is now or at a given time',
    services: ['feed'],
  }),
  symbolStreams: setting({
    env: 'FEED_SYMBOL_STREAMS',
    flag: '--symbol-streams',
    type: yesNo,
    default: false,
    about: 'also write a stream for each symbol, <prefix>:ticks:<SYMBOL>',
    services: ['up', 'feed'],
  }),
  tickStreamLength: setting({
    env: 'FEED_STREAM_LENGTH',
    flag: '--stream-length',
    type: int({ min: 0 }),
    default: 1_000_000,
    about: 'approximate number of ticks that a stream keeps; 0 writes no streams',
    services: ['up', 'feed', 'doctor'],
  }),
  feedUrl: setting({
    env: 'FEED_URL',
    flag: '--url',
    type: url('ws', 'wss'),
    otherwise: "the exchange's public address",
    about: 'WebSocket of the exchange',
    services: ['feed'],
  }),
  silence: setting({
    env: 'FEED_SILENCE',
    flag: '--silence',
    type: duration(),
    default: 60_000,
    about: 'connect again to an exchange that sends nothing for this long',
    services: ['up', 'feed'],
  }),
};
