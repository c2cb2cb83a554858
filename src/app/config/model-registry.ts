import {
  choice,
  decimal,
  int,
  list,
  type PartFault,
  text,
  url,
  type ValueType,
  type Variables,
  yesNo,
} from './value-type.ts';

const providers = ['openai', 'anthropic', 'ollama'] as const;

/** A model of the registry; what is absent has the default of its place. */
export interface ModelEntry {
  readonly provider: (typeof providers)[number];
  readonly model: string;
  readonly url?: string;
  readonly apiKey?: string;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly maxOutputTokens?: number;
  readonly maxInputTokens?: number;
  readonly maxCostUsdPerCall?: number;
  readonly maxCostUsdPerDay?: number;
  readonly price?: { readonly input: number; readonly output: number };
  readonly stream?: boolean;
  readonly concurrency?: number;
  readonly fallback?: readonly string[];
}

/** By name. */
export type ModelRegistry = ReadonlyMap<string, ModelEntry>;

/** The rules stand beside the models under this name. */
const RESERVED = 'rules';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const NAMES = `a name: 1 to 64 of A–Z a–z 0–9 . _ -, and not ${RESERVED}`;

export const apiKey = text('<key>', /^[\x21-\x7e]{1,500}$/, 'a key: 1 to 500 characters of ASCII without spaces');
export const modelName = text('<model>', /^\S{1,200}$/, 'the name of a model, without spaces');

const web = url('http', 'https');
/** Where a provider's API is. */
export const apiUrl: ValueType<string> = {
  ...web,
  allowed: `${web.allowed}, without user, query and fragment`,
  read(raw) {
    const read = web.read(raw);
    if (read === undefined) return undefined;
    const { username, password, search, hash } = new URL(read);
    return username + password + search + hash === '' ? read.replace(/\/+$/, '') : undefined;
  },
};

const amount = decimal({ min: 0 });
const price: ValueType<{ readonly input: number; readonly output: number }> = {
  allowed: '{"input": …, "output": …}, US dollars for a million tokens each',
  placeholder: '<price>',
  read(raw) {
    if (!isObject(raw) || Object.keys(raw).some((key) => key !== 'input' && key !== 'output')) return undefined;
    const [input, output] = [amount.read(raw.input), amount.read(raw.output)];
    return input === undefined || output === undefined ? undefined : { input, output };
  },
  show: (value) => JSON.stringify(value),
};

const fields: Readonly<Record<string, Pick<ValueType<unknown>, 'read' | 'allowed'>>> = {
  provider: choice(providers),
  model: modelName,
  url: apiUrl,
  apiKey,
  apiKeyEnv: text('<variable>', /^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable'),
  timeoutMs: int({ min: 10, max: 600_000 }),
  retries: int({ min: 0, max: 10 }),
  maxOutputTokens: int({ min: 1, max: 1_000_000 }),
  maxInputTokens: int({ min: 1, max: 10_000_000 }),
  maxCostUsdPerCall: decimal({ above: 0 }),
  maxCostUsdPerDay: decimal({ above: 0 }),
  price,
  stream: yesNo,
  concurrency: int({ min: 1, max: 1_000 }),
  fallback: list(text('<name>', NAME, NAMES), 0),
};

/** The registry of models: JSON text, or (in the file) an object. */
export const modelRegistry: ValueType<ModelRegistry> = {
  allowed: 'JSON: an object of models by name; docs/models.md',
  placeholder: '<json>',
  read(raw, env = {}) {
    const { registry, faults } = readRegistry(raw, env);
    return faults.length === 0 ? registry : undefined;
  },
  show: (registry) => JSON.stringify(Object.fromEntries([...registry].map(([name, entry]) => [name, hidden(entry)]))),
  secrets: (registry) => [...registry.values()].flatMap((entry) => entry.apiKey ?? []),
  faults: (raw, env) => readRegistry(raw, env).faults,
};

const hidden = (entry: ModelEntry): ModelEntry =>
  entry.apiKey === undefined ? entry : { ...entry, apiKey: '[secret]' };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Undefined where the text is no JSON. */
function parsed(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw);
  } catch {
    // The message would quote the text, and keys stand in it.
    return undefined;
  }
}

function readRegistry(raw: unknown, env: Variables): { registry: ModelRegistry; faults: readonly PartFault[] } {
  const object = parsed(raw);
  const registry = new Map<string, ModelEntry>();
  const faults: PartFault[] = [];
  if (!isObject(object))
    return { registry, faults: [{ at: 'all', value: '[not shown]', allowed: modelRegistry.allowed }] };
  for (const [name, given] of Object.entries(object)) {
    if (!NAME.test(name) || name === RESERVED) faults.push({ at: 'name', value: name, allowed: NAMES });
    if (!isObject(given)) faults.push({ at: name, value: '[not shown]', allowed: 'an object' });
    else registry.set(name, readEntry(name, given, env, faults));
  }
  if (faults.length === 0) faults.push(...chainFaults(registry));
  return { registry, faults };
}

function readEntry(
  name: string,
  given: Readonly<Record<string, unknown>>,
  env: Variables,
  faults: PartFault[],
): ModelEntry {
  const entry: Record<string, unknown> = {};
  const wrong = (key: string, value: unknown, allowed: string): void => {
    faults.push({ at: `${name}.${key}`, value, allowed });
  };
  for (const [key, raw] of Object.entries(given)) {
    const type = Object.hasOwn(fields, key) ? fields[key] : undefined;
    const value = type?.read(raw);
    if (type === undefined) wrong(key, '[not shown]', `a key of a model; those are ${Object.keys(fields).join(', ')}`);
    else if (value === undefined) wrong(key, key === 'apiKey' || key === 'url' ? '[not shown]' : raw, type.allowed);
    else entry[key] = value;
  }
  for (const key of ['provider', 'model']) if (given[key] === undefined) wrong(key, null, fields[key]!.allowed);
  const { apiKeyEnv, ...read } = entry as unknown as ModelEntry & { readonly apiKeyEnv?: string };
  const own = read.apiKey ?? (apiKeyEnv === undefined ? undefined : apiKey.read(env[apiKeyEnv]));
  if (apiKeyEnv !== undefined && read.apiKey !== undefined) wrong('apiKeyEnv', apiKeyEnv, 'allowed beside apiKey');
  else if (apiKeyEnv !== undefined && own === undefined) wrong('apiKeyEnv', apiKeyEnv, 'a variable that holds a key');
  else if (read.provider === 'anthropic' && own === undefined && given.apiKey === undefined)
    wrong('apiKey', null, 'a key, which Anthropic wants: set apiKeyEnv or apiKey');
  if (given.price === undefined)
    for (const key of ['maxCostUsdPerCall', 'maxCostUsdPerDay'])
      if (given[key] !== undefined) wrong(key, given[key], 'allowed without price');
  return own === undefined ? read : { ...read, apiKey: own };
}

function* chainFaults(registry: ModelRegistry): Generator<PartFault> {
  for (const [name, { fallback = [] }] of registry) {
    for (const next of fallback)
      if (!registry.has(next))
        yield {
          at: `${name}.fallback`,
          value: next,
          allowed: `one of the models, which are ${[...registry.keys()].join(', ')}`,
        };
    const circle = circleFrom(name, registry);
    if (circle !== null) yield { at: `${name}.fallback`, value: circle, allowed: 'a chain that ends' };
  }
}

/** The way by which fallbacks come back to `name`, or null. */
function circleFrom(name: string, registry: ModelRegistry): string | null {
  const seen = new Set<string>();
  const open: (readonly string[])[] = [[name]];
  for (let way = open.pop(); way !== undefined; way = open.pop())
    for (const next of registry.get(way.at(-1)!)?.fallback ?? []) {
      if (next === name) return [...way, name].join(' → ');
      if (!seen.has(next)) open.push([...way, next]);
      seen.add(next);
    }
  return null;
}
