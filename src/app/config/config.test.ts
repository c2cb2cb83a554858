import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { type CommandName, shown } from './setting.ts';
import { allSettings, type SettingKey, settingsFor } from './settings.ts';

interface Given {
  readonly command?: CommandName;
  readonly flags?: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: Readonly<Record<string, unknown>>;
}

const read = ({ command = 'up', flags = {}, env = {}, file }: Given) =>
  readConfig(command, { flags, env, file: file === undefined ? null : { name: 'pulse.config.json', values: file } });
const faultsOf = (given: Given): string[] => read(given).faults.map(({ message }) => message);

test('without any source everything is at its default', () => {
  const { config, faults } = read({ command: 'mirror' });
  expect(faults).toEqual([]);
  expect(config.values).toMatchObject({
    redisUrl: 'redis://redis:6379/0',
    kafkaBrokers: ['kafka:9092'],
    ticksPattern: 'ticks.*',
    host: '127.0.0.1',
    port: 7422,
  });
  expect(config.isSet('redisUrl')).toBe(false);
});

test('flags go before variables, variables before aliases, both before the file', () => {
  const env = { KAFKA_BOOTSTRAP_SERVERS: 'b:1', KAFKA_BROKERS: 'c:1' };
  const file = { kafkaBrokers: ['d:1'], tolVolume: 2.5, graceMs: 100 };
  const origins = (flags: Given['flags'], variables: Given['env']) => {
    const { config } = read({ flags: flags ?? {}, env: variables ?? {}, file });
    return [config.values.kafkaBrokers[0], config.origin('kafkaBrokers')];
  };
  expect(origins({ kafkaBrokers: 'a:1' }, env)).toEqual(['a:1', 'command line']);
  expect(origins({}, env)).toEqual(['b:1', 'environment']);
  expect(origins({}, { KAFKA_BROKERS: 'c:1' })).toEqual(['c:1', 'environment']);
  expect(origins({}, { KAFKA_BROKERS: '' })).toEqual(['d:1', 'pulse.config.json']);
  expect(read({ file }).config.values).toMatchObject({ tolVolume: 2.5, graceMs: 100 });
});

test.each<[Given, string]>([
  [{ env: { TOL_VOLUME: 'one' } }, 'TOL_VOLUME: "one" (environment) is not a number ≥ 0'],
  [{ env: { TOL_VOLUME: '-0.1' } }, 'TOL_VOLUME: "-0.1" (environment) is not a number ≥ 0'],
  [{ env: { PIP_SIZE: '0' } }, 'PIP_SIZE: "0" (environment) is not a number > 0'],
  [{ env: { PIP_SIZE: 'Infinity' } }, 'PIP_SIZE: "Infinity" (environment) is not a number > 0'],
  [{ env: { TOL_PRICE_TICKS: '1.5' } }, 'TOL_PRICE_TICKS: "1.5" (environment) is not a whole number ≥ 0'],
  [
    { env: { WINDOW_BARS: '0x10' } },
    'WINDOW_BARS: "0x10" (environment) is not a whole number ≥ 1; the default is 1440',
  ],
  [
    { env: { REDIS_URL: 'redis:6379' } },
    'REDIS_URL: "redis:6379" (environment) is not a URL that begins with redis:// or rediss://; the default is redis://redis:6379/0',
  ],
  [
    { env: { REDIS_URL: 'http://desk:hunter22@redis' } },
    'REDIS_URL: "http://desk:[secret]@redis" (environment) is not a URL that begins with redis:// or rediss://; the default is redis://redis:6379/0',
  ],
  [
    { env: { REDIS_URL: 'redis://u:50%@redis' } },
    'REDIS_URL: "redis://u:[secret]@redis" (environment) is not a URL that begins with redis:// or rediss://; the default is redis://redis:6379/0',
  ],
  [
    { env: { KAFKA_BOOTSTRAP_SERVERS: 'kafka' } },
    'KAFKA_BOOTSTRAP_SERVERS: "kafka" (environment) is not a comma-separated list, each <host>:<port>; the default is kafka:9092',
  ],
  [
    { env: { KAFKA_BROKERS: 'kafka:0' } },
    'KAFKA_BROKERS: "kafka:0" (environment) is not a comma-separated list, each <host>:<port>; the default is kafka:9092',
  ],
  [
    { env: { PG_DSN: 'mysql://db/pulse' } },
    'PG_DSN: "mysql://db/pulse" (environment) is not a URL that begins with postgres:// or postgresql://',
  ],
  [
    { env: { TICKS_PATTERN: '*' } },
    'TICKS_PATTERN: "*" (environment) is not a pattern that begins with "ticks.", such as ticks.* or ticks.EUR*; the default is ticks.*',
  ],
  [
    { env: { PULSE_BAR_SOURCE: 'Kafka' } },
    'PULSE_BAR_SOURCE: "Kafka" (environment) is not one of redis, kafka; the default is redis',
  ],
  [
    { env: { REDIS_BARS_KEY: 'bars:1m' } },
    'REDIS_BARS_KEY: "bars:1m" (environment) is not a key that contains <SYMBOL>; the default is bars:<SYMBOL>:1m',
  ],
  [
    { env: { PULSE_API_KEY: 'short' } },
    'PULSE_API_KEY: "[secret]" (environment) is not a key of at least 16 printable characters without spaces',
  ],
  [
    { env: { BARS_TIME_ZONE: 'New York' } },
    'BARS_TIME_ZONE: "New York" (environment) is not an IANA time zone, such as America/New_York; the default is UTC',
  ],
  [
    { env: { CALENDARS: 'EURUSD=forex' } },
    'CALENDARS: "EURUSD=forex" (environment) is not a comma-separated list of <symbol pattern>=<value>, each value one of 24x7, fx, us-equities',
  ],
  [
    { env: { PULSE_PORT: '70000' } },
    'PULSE_PORT: "70000" (environment) is not a whole number from 0 to 65535; the default is 7420',
  ],
  [{ env: { PULSE_HTTP_PORT: '80' } }, 'PULSE_HTTP_PORT: (environment) is not a setting; did you mean PULSE_PORT?'],
  [{ env: { PULSE_QUUX_FROBNICATE: '1' } }, 'PULSE_QUUX_FROBNICATE: (environment) is not a setting'],
  [
    { env: { PULSE_HOST: '0.0.0.0' } },
    'PULSE_HOST (environment): "0.0.0.0" can be reached from other machines: set PULSE_API_KEY, or allow it without one by --insecure-public',
  ],
  [
    { env: { MCP2_HOST: '0.0.0.0' } },
    'MCP2_HOST (environment): "0.0.0.0" can be reached from other machines: set MCP2_API_KEY, or allow it without one by --insecure-public',
  ],
  [
    { env: { MCP2_CORS_ORIGINS: 'https://desk.example/page' } },
    'MCP2_CORS_ORIGINS: "https://desk.example/page" (environment) is not a comma-separated list, each an origin such as https://desk.example, without a path',
  ],
  [
    { env: { KAFKA_SASL_USERNAME: 'desk' } },
    'KAFKA_SASL_USERNAME (environment): set both KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or neither',
  ],
  [
    { env: { KAFKA_SASL_USERNAME: 'desk', KAFKA_SASL_PASSWORD: 'x' } },
    'KAFKA_SASL_USERNAME (environment): name the mechanism too, with KAFKA_SASL_MECHANISM: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
  ],
  [{ env: { KAFKA_TLS_CA: 'ca.pem' } }, 'KAFKA_TLS_CA (environment): it is of use only with KAFKA_TLS=true'],
  [
    { flags: { graceMs: '2s' } },
    '--grace-ms: "2s" (command line) is not a whole number from 0 to 600000; the default is 2000',
  ],
  [
    { flags: { logLevel: 'loud' } },
    '--log-level: "loud" (command line) is not one of debug, info, warn, error; the default is info',
  ],
  [
    { flags: { composites: '1m' } },
    '--composites: "1m" (command line) is not a comma-separated list, each one of 5m, 15m, 1h, 4h, 1d',
  ],
  [
    { command: 'reconcile', flags: { session: '2014-02-30' } },
    '--session: "2014-02-30" (command line) is not a day as YYYY-MM-DD',
  ],
  [
    { command: 'reconcile', flags: { from: 'yesterday', to: '2014-05-02' } },
    '--from: "yesterday" (command line) is not a moment in ISO 8601, such as 2014-05-02T21:00Z',
  ],
  [{ command: 'reconcile', flags: { from: '2014-05-02' } }, '--from, --to: give both or neither'],
  [
    { command: 'reconcile', flags: { from: '2014-05-03', to: '2014-05-02' } },
    '--from, --to: the start must lie before the end',
  ],
  [{ command: 'reconcile', flags: { symbol: 'EURUSD', all: true } }, '--symbol, --all: give one of them'],
  [
    { command: 'reconcile', flags: { symbol: 'EUR/USD' } },
    '--symbol: "EUR/USD" (command line) is not a symbol: 1 to 100 of A–Z a–z 0–9 . _ -',
  ],
  [
    { command: 'reconcile', env: { RECONCILE_SCHEDULE: 'daily' } },
    'RECONCILE_SCHEDULE: "daily" (environment) is not a schedule in cron form, such as "5 17 * * *"',
  ],
  [{ command: 'promote', flags: { force: true } }, '--force: give the reason with --reason'],
  [{ command: 'overseer', flags: { grep: '(' } }, '--grep: "(" (command line) is not a regular expression'],
  [
    { command: 'overseer', flags: { since: 'noon' } },
    '--since: "noon" (command line) is not a duration such as 10m or 2h, or a moment in ISO 8601',
  ],
  [
    { command: 'overseer', flags: { follow: true } },
    '--follow: it goes with --since; without --since the overseer follows anyway',
  ],
  [{ file: { tolVolume: 'one' } }, 'tolVolume: "one" (pulse.config.json) is not a number ≥ 0'],
  [{ file: { kafkaTls: 'maybe' } }, 'kafkaTls: "maybe" (pulse.config.json) is not true or false; the default is false'],
  [{ file: { tolVolumes: 1 } }, 'tolVolumes: (pulse.config.json) is not a setting; did you mean tolVolume?'],
  [{ file: { TOL_VOLUME: 1 } }, 'TOL_VOLUME: (pulse.config.json) is not a setting; did you mean tolVolume?'],
  [{ file: { symbol: 'EURUSD' } }, 'symbol: (pulse.config.json) is not a setting; did you mean symbols?'],
])('refuses %j', (given, line) => {
  expect(faultsOf(given)).toEqual([line]);
});

test('names every bad value at once', () => {
  const given = { flags: { graceMs: 'x' }, env: { PULSE_PROT: '1', PIP_SIZE: '-1' }, file: { tolVolum: 1 } };
  expect(faultsOf(given).map((line) => line.split(':')[0])).toEqual([
    'PULSE_PROT',
    'tolVolum',
    '--grace-ms',
    'PIP_SIZE',
  ]);
  expect(read(given).faults.every(({ exit }) => exit === 64)).toBe(true);
});

test('a command is not held up by a bad value that only others read', () => {
  expect(faultsOf({ command: 'mirror', env: { TOL_VOLUME: 'one' } })).toEqual([]);
});

test('secrets are known, so that they can be kept out of logs', () => {
  const { config } = read({
    env: { PULSE_API_KEY: 'k'.repeat(20), REDIS_URL: 'redis://desk:p%40ss@redis/0', PG_DSN: 'postgres://db/pulse' },
  });
  expect(config.secrets).toEqual(['p%40ss', 'p@ss', 'k'.repeat(20)]);
});

test('each key of mcp2 is a secret, and is never shown; hashed ones need not be', () => {
  const sha256 = 'ab'.repeat(32);
  const { config } = read({
    env: { MCP2_API_KEY: `first-key-of-mcp2-1,reader:read:second-key-of-mcp2,cron:read+write:sha256=${sha256}` },
  });
  expect(config.secrets).toEqual(['first-key-of-mcp2-1', 'second-key-of-mcp2']);
  const [, setting] = allSettings.find(([key]) => key === 'mcp2Keys')!;
  expect(shown(setting, config.values.mcp2Keys)).toBe('[secret]');
  expect(config.values.mcp2Keys).toMatchObject([
    { name: 'key-1', scopes: ['read', 'write', 'llm'] },
    { name: 'reader', scopes: ['read'] },
    { name: 'cron', scopes: ['read', 'write'], sha256 },
  ]);
});

test('an address that is not loopback may be listened on with a key, or when told that it is meant', () => {
  expect(faultsOf({ env: { PULSE_HOST: '0.0.0.0', PULSE_API_KEY: 'a-key-of-some-length' } })).toEqual([]);
  expect(faultsOf({ env: { PULSE_HOST: '0.0.0.0' }, flags: { insecurePublic: true } })).toEqual([]);
  expect(faultsOf({ env: { PULSE_HOST: '127.0.1.1' } })).toEqual([]);
});

test('within a command no two settings share a flag, and none a variable', () => {
  for (const [, { services }] of allSettings) {
    for (const command of services) {
      const flags = settingsFor(command).map(([, { flag }]) => flag);
      expect(new Set(flags).size, command).toBe(flags.length);
    }
  }
  const variables = allSettings.flatMap(([, { env, aliases }]) => (env === null ? [] : [env, ...aliases]));
  expect(new Set(variables).size).toBe(variables.length);
});

test('every default is a value that the setting itself would take', () => {
  for (const [key, s] of allSettings) {
    for (const value of [s.default, ...Object.values(s.defaults)]) {
      if (value === null) continue;
      const written = s.type.show(value);
      expect(written === '' ? value : s.type.read(written), key).toEqual(value);
    }
  }
});
