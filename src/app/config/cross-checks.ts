import { PulseError } from '../../domain/errors.ts';
import type { CommandName } from './setting.ts';
import type { SettingKey, Values } from './settings.ts';

/** What is checked: the configuration, read. */
interface Checked {
  readonly command: CommandName;
  readonly values: Values;
  isSet(key: SettingKey): boolean;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

const conflict = (settings: string, rule: string): PulseError => new PulseError('config.conflict', { settings, rule });

/** What single values cannot show: settings that do not go together. */
export function* crossChecks({ command, values: v, isSet }: Checked): Generator<PulseError> {
  if (isSet('host') && !isLoopback(v.host) && v.apiKey === null && !v.insecurePublic) {
    yield conflict(
      'PULSE_HOST',
      `"${v.host}" can be reached from other machines: set PULSE_API_KEY, or allow it without one by --insecure-public`,
    );
  }
  if ((v.kafkaSaslUsername === null) !== (v.kafkaSaslPassword === null)) {
    yield conflict('KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD', 'set both or neither');
  }
  if (v.kafkaSaslUsername !== null && v.kafkaSaslPassword !== null && v.kafkaSaslMechanism === null) {
    yield conflict(
      'KAFKA_SASL_MECHANISM',
      'KAFKA_SASL_USERNAME is set, so name the mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
    );
  }
  if (v.kafkaTlsCa !== null && !v.kafkaTls) yield conflict('KAFKA_TLS_CA', 'it is of use only with KAFKA_TLS=true');
  if ((v.from === null) !== (v.to === null)) yield conflict('--from, --to', 'give both or neither');
  if (v.from !== null && v.to !== null && v.from >= v.to)
    yield conflict('--from, --to', 'the start must lie before the end');
  if (command === 'reconcile') {
    if (v.session !== null && (v.from !== null || v.to !== null))
      yield conflict('--session', 'it names an interval already; leave out --from and --to');
    if (v.symbol !== null && v.all) yield conflict('--symbol, --all', 'give one of them');
  }
  if (command === 'promote' && v.force && v.reason === null) yield conflict('--force', 'give the reason with --reason');
  if (command === 'overseer' && v.follow && v.since === null)
    yield conflict('--follow', 'it goes with --since; without --since the overseer follows anyway');
}
