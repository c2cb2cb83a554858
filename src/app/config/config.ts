import { PulseError } from '../../domain/errors/errors.ts';
import type { ConfigFile } from './config-file.ts';
import { crossChecks } from './cross-checks.ts';
import { nearest } from './nearest.ts';
import { type CommandName, type Setting, shown, withoutPassword } from './setting.ts';
import { allSettings, type SettingKey, settingsFor, type Values } from './settings.ts';
import type { PartFault } from './value-type.ts';

/** Where a value came from: `command line`, `environment`, the file's name, or `default`. */
export type Origin = string;

export interface ConfigSources {
  /** Texts (or true) by setting, as the command line gave them. */
  readonly flags: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: ConfigFile | null;
}

/** What a command is to do, checked. */
export interface Config {
  readonly command: CommandName;
  readonly values: Values;
  origin(key: SettingKey): Origin;
  /** What was typed, and where: `--host (command line)`, `PULSE_HOST (environment)`; its flag where nobody set it. */
  named(key: SettingKey): string;
  /** Whether anybody set it, as opposed to its default. */
  isSet(key: SettingKey): boolean;
  /** What must never be printed. */
  readonly secrets: readonly string[];
}

/** Variables that begin so are for Pulse's own tests. */
const TEST_PREFIX = 'PULSE_TEST_';

interface RawValue {
  readonly raw: unknown;
  /** The name under which the source knows the setting. */
  readonly name: string;
  readonly origin: Origin;
}

/** Reads a command's settings: flags before environment before file before default. `faults` holds one error for each thing that is wrong; the config may be used only when there is none. */
export function readConfig(
  command: CommandName,
  sources: ConfigSources,
): { readonly config: Config; readonly faults: readonly PulseError[] } {
  const faults: PulseError[] = [...unknownVariables(sources.env), ...unknownKeys(sources.file)];
  const values: Record<string, unknown> = {};
  const origins = new Map<SettingKey, Origin>();
  const names = new Map<SettingKey, string>();
  const secrets = new Set<string>();
  for (const [key, s] of allSettings) values[key] = s.defaults[command] ?? s.default;
  // The doctor looks at what every command would read.
  for (const [key, s] of command === 'doctor' ? allSettings : settingsFor(command)) {
    const found = find(key, s, sources);
    if (found === null) continue;
    const value = s.type.read(found.raw, sources.env);
    if (value === undefined) {
      const parts = s.type.faults?.(found.raw, sources.env) ?? [];
      faults.push(
        ...(parts.length === 0 ? [invalid(s, found, command)] : parts.map((part) => invalidPart(part, found))),
      );
      continue;
    }
    values[key] = value;
    origins.set(key, found.origin);
    names.set(key, `${found.name} (${found.origin})`);
    for (const secret of secretsIn(s, value)) secrets.add(secret);
  }
  const config: Config = {
    command,
    values: values as unknown as Values,
    origin: (key) => origins.get(key) ?? 'default',
    named: (key) => names.get(key) ?? flagOf(key),
    isSet: (key) => origins.has(key),
    secrets: [...secrets],
  };
  if (faults.length === 0) faults.push(...crossChecks(config));
  return { config, faults };
}

const flagOf = (key: SettingKey): string => allSettings.find(([each]) => each === key)![1].flag;

function find(key: SettingKey, s: Setting<unknown>, { flags, env, file }: ConfigSources): RawValue | null {
  if (flags[key] !== undefined) return { raw: flags[key], name: s.flag, origin: 'command line' };
  for (const name of s.env === null ? [] : [s.env, ...s.aliases]) {
    // An empty variable is how many tools write "not set".
    if (env[name] !== undefined && env[name] !== '') return { raw: env[name], name, origin: 'environment' };
  }
  if (file !== null && s.env !== null && Object.hasOwn(file.values, key))
    return { raw: file.values[key], name: key, origin: file.name };
  return null;
}

function invalid(s: Setting<unknown>, { raw, name, origin }: RawValue, command: CommandName): PulseError {
  const value =
    s.secret === true ? '[secret]' : s.secret === 'url' && typeof raw === 'string' ? withoutPassword(raw) : raw;
  const byDefault = s.defaults[command] ?? s.default;
  return new PulseError('config.invalid', {
    setting: name,
    value,
    source: origin,
    allowed: s.type.allowed,
    default: byDefault === null ? undefined : shown(s, byDefault) || undefined,
  });
}

const invalidPart = ({ at, value, allowed }: PartFault, { name, origin }: RawValue): PulseError =>
  new PulseError('config.invalid', { setting: `${name}: ${at}`, value, source: origin, allowed });

function* unknownVariables(env: ConfigSources['env']): Generator<PulseError> {
  const known = new Set(allSettings.flatMap(([, s]) => (s.env === null ? [] : [s.env, ...s.aliases])));
  for (const name of Object.keys(env)) {
    if (!name.startsWith('PULSE_') || name.startsWith(TEST_PREFIX) || known.has(name)) continue;
    yield new PulseError('config.unknown', { setting: name, source: 'environment', nearest: nearest(name, known) });
  }
}

function* unknownKeys(file: ConfigFile | null): Generator<PulseError> {
  if (file === null) return;
  const byName = new Map<string, string>();
  for (const [key, { env, aliases }] of allSettings) {
    if (env === null || key === 'configFile') continue;
    for (const name of [key, env, ...aliases]) byName.set(name, key);
  }
  const keys = new Set(byName.values());
  for (const name of Object.keys(file.values)) {
    if (keys.has(name)) continue;
    const close = byName.get(nearest(name, byName.keys()) ?? '') ?? null;
    yield new PulseError('config.unknown', { setting: name, source: file.name, nearest: close });
  }
}

function* secretsIn(s: Setting<unknown>, value: unknown): Generator<string> {
  if (s.secret === true && s.type.secrets !== undefined) yield* s.type.secrets(value);
  if (typeof value !== 'string') return;
  if (s.secret === true) yield value;
  if (s.secret !== 'url') return;
  const { password } = new URL(value);
  if (password === '') return;
  yield password;
  const plain = decodeURIComponent(password);
  if (plain !== password) yield plain;
}
