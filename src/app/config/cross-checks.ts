import { PulseError } from '../../domain/errors/errors.ts';
import type { CommandName } from './setting.ts';
import type { SettingKey, Values } from './settings.ts';

/** What is checked: the configuration, read. */
interface Checked {
  readonly command: CommandName;
  readonly values: Values;
  /** As it was typed, and where. */
  named(key: SettingKey): string;
  isSet(key: SettingKey): boolean;
  origin(key: SettingKey): string;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const conflict = (settings: string, rule: string): PulseError => new PulseError('config.conflict', { settings, rule });

/** By command that has no work without it. */
const KEPT_IN_POSTGRES: Readonly<Partial<Record<CommandName, string>>> = {
  enrichment: 'enriched ticks and analyses',
  mcp2: 'documents and guidance',
};

/** What single values cannot show: settings that do not go together. */
export function* crossChecks(config: Checked): Generator<PulseError> {
  const { values: v, named, isSet } = config;
  if (isSet('host') && !isLoopback(v.host) && v.apiKey === null && !v.insecurePublic) {
    yield conflict(
      named('host'),
      `"${v.host}" can be reached from other machines: set PULSE_API_KEY, or allow it without one by --insecure-public`,
    );
  }
  if (isSet('mcp2Host') && !isLoopback(v.mcp2Host) && v.mcp2Keys === null && !v.insecurePublic) {
    yield conflict(
      named('mcp2Host'),
      `"${v.mcp2Host}" can be reached from other machines: set MCP2_API_KEY, or allow it without one by --insecure-public`,
    );
  }
  yield* kafkaChecks(config);
  yield* embedderChecks(config);
  if ((v.from === null) !== (v.to === null)) yield conflict('--from, --to', 'give both or neither');
  if (v.from !== null && v.to !== null && v.from >= v.to)
    yield conflict('--from, --to', 'the start must lie before the end');
  if (config.command === 'reconcile') yield* reconcileChecks(config);
  const { [config.command]: kept } = KEPT_IN_POSTGRES;
  // What cannot be kept must not be taken: told before anything starts.
  if (kept !== undefined && v.pgDsn === null)
    yield new PulseError('config.missing', {
      setting: 'PG_DSN',
      command: config.command,
      about: `the Postgres that keeps ${kept}`,
    });
  if (config.command === 'promote' && v.force && v.reason === null)
    yield conflict('--force', 'give the reason with --reason');
  if (config.command === 'parity' || config.command === 'promote') yield* gateChecks(config);
  if (config.command === 'overseer' && v.follow && v.since === null)
    yield conflict('--follow', 'it goes with --since; without --since the overseer follows anyway');
  if (config.command === 'verify' && v.engines === 'real') yield* realEnginesChecks(config);
}

function* kafkaChecks({ values: v, named }: Checked): Generator<PulseError> {
  if ((v.kafkaSaslUsername === null) !== (v.kafkaSaslPassword === null)) {
    const given = v.kafkaSaslUsername === null ? 'kafkaSaslPassword' : 'kafkaSaslUsername';
    yield conflict(named(given), 'set both KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD, or neither');
  }
  if (v.kafkaSaslUsername !== null && v.kafkaSaslPassword !== null && v.kafkaSaslMechanism === null) {
    yield conflict(
      named('kafkaSaslUsername'),
      'name the mechanism too, with KAFKA_SASL_MECHANISM: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
    );
  }
  if (v.kafkaTlsCa !== null && !v.kafkaTls)
    yield conflict(named('kafkaTlsCa'), 'it is of use only with KAFKA_TLS=true');
}

/** What each embedder cannot do without, and what it has use for. */
const EMBEDDER_NEEDS: Readonly<Record<Values['embedder'], readonly SettingKey[]>> = {
  none: [],
  'openai-compatible': ['embedderUrl', 'embedderModel'],
  ollama: ['embedderModel'],
  onnx: ['embedderPath'],
};
const EMBEDDER_USES: Readonly<Record<Values['embedder'], readonly SettingKey[]>> = {
  none: [],
  'openai-compatible': ['embedderUrl', 'embedderModel', 'embedderApiKey'],
  ollama: ['embedderUrl', 'embedderModel', 'embedderApiKey'],
  onnx: ['embedderPath'],
};
const EMBEDDER_VARIABLES = {
  embedderUrl: ['EMBEDDER_URL', 'the URL of the server'],
  embedderModel: ['EMBEDDER_MODEL', 'the model that the server is to use'],
  embedderApiKey: ['EMBEDDER_API_KEY', 'the key for the server'],
  embedderPath: ['EMBEDDER_PATH', 'the folder of the model'],
} as const;

function* embedderChecks({ command, values: v, named, isSet }: Checked): Generator<PulseError> {
  for (const [key, [setting, about]] of typedEntries(EMBEDDER_VARIABLES)) {
    if (EMBEDDER_NEEDS[v.embedder].includes(key) && v[key] === null)
      yield new PulseError('config.missing', { setting, command, about: `${about}, with EMBEDDER=${v.embedder}` });
    if (isSet(key) && !EMBEDDER_USES[v.embedder].includes(key))
      yield conflict(named(key), `it is of no use with EMBEDDER=${v.embedder}`);
  }
  const { username = '', password = '' } = v.embedderUrl === null ? {} : new URL(v.embedderUrl);
  if (username + password !== '')
    yield conflict(named('embedderUrl'), 'leave user and password out of it, and give the key by EMBEDDER_API_KEY');
}

const typedEntries = <K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] =>
  Object.entries(record) as [K, V][];

/** What a schedule decides by itself: which symbols and sessions, and where the result goes. */
const NOT_WITH_WATCH = ['symbol', 'session', 'from', 'noise', 'format', 'output'] as const;

function* reconcileChecks({ values: v, named, isSet }: Checked): Generator<PulseError> {
  if (v.session !== null && (v.from !== null || v.to !== null))
    yield conflict('--session', 'it names an interval already; leave out --from and --to');
  if (v.symbol !== null && v.all) yield conflict('--symbol, --all', 'give one of them');
  if (v.watch === null) return;
  for (const key of NOT_WITH_WATCH)
    if (isSet(key))
      yield conflict(
        named(key),
        `it does not go with ${named('watch')}, which reconciles every session of every symbol as it ends, into the ledger`,
      );
}

/** Within what bars agree, and what the gate demands: of who acts on the gate a flag would be a way around it. */
const TOLERANCE = ['instruments', 'pipSize', 'tolPriceTicks', 'tolVolume'] as const;
const DEMANDS = ['calendars', 'minSessionBars', 'minRunBars'] as const;

function* gateChecks({ command, values: v, named, origin }: Checked): Generator<PulseError> {
  const isFlag = (key: SettingKey): boolean => origin(key) === 'command line';
  for (const key of TOLERANCE)
    if (isFlag(key))
      yield conflict(
        named(key),
        'the ledger was written within the configured tolerance; set it for all by its variable',
      );
  if (command !== 'promote') return;
  for (const key of DEMANDS)
    if (isFlag(key))
      yield conflict(named(key), 'a promotion rests on what is configured; set it for all by its variable');
  if (isFlag('proven') && !v.proven)
    yield conflict(named('proven'), 'a promotion rests on what is configured; set it for all by its variable');
}

/** There is no server that a tape may be played into unless somebody named it. */
function* realEnginesChecks({ command, isSet }: Checked): Generator<PulseError> {
  const needed: readonly (readonly [SettingKey, string, string])[] = [
    ['redisUrl', 'REDIS_URL', 'the Redis to play through, with --engines real'],
    ['kafkaBrokers', 'KAFKA_BOOTSTRAP_SERVERS', 'the Kafka to play through, with --engines real'],
  ];
  for (const [key, setting, about] of needed)
    if (!isSet(key)) yield new PulseError('config.missing', { setting, command, about });
}
