import { Cron } from 'croner';
import { isTimeZone } from '../../domain/base/time-zone.ts';
import { isLegalSymbol } from '../../domain/tick/symbol.ts';

/** What a setting may be. Text comes from flags and variables; the configuration file may give plain JSON values instead. */
export interface ValueType<T> {
  /** Ends the sentence "… is not …". */
  readonly allowed: string;
  /** The value, or undefined where `raw` is none. */
  read(raw: unknown, env?: Variables): T | undefined;
  /** The value as it would be written in a variable. */
  show(value: T): string;
  /** Stands for the value in a usage line; null where a flag stands alone. */
  readonly placeholder: string | null;
  /** The parts of a secret value that must not be written; absent: all of it, a text. */
  secrets?(value: T): readonly string[];
  /** Of a value made of many: each of them that is wrong, as far as it may be shown. */
  faults?(raw: unknown, env: Variables): readonly PartFault[];
}

/** The environment, for values that name a variable. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface PartFault {
  /** Where in the value: `whisperer.timeoutMs`. */
  readonly at: string;
  readonly value: unknown;
  readonly allowed: string;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

const range = ({ min, max }: Range): string =>
  min !== undefined && max !== undefined
    ? ` from ${min} to ${max}`
    : min !== undefined
      ? ` ≥ ${min}`
      : max !== undefined
        ? ` ≤ ${max}`
        : '';

const within = (value: number, { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Range): boolean =>
  value >= min && value <= max;

const numberOf = (raw: unknown): number => {
  if (typeof raw === 'number') return raw;
  // Number('') and Number('0x10') are numbers, but nobody means them.
  return typeof raw === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(raw.trim()) ? Number(raw) : Number.NaN;
};

/** A whole number. */
export const int = (bounds: Range = {}): ValueType<number> => ({
  allowed: `a whole number${range(bounds)}`,
  placeholder: '<n>',
  read: (raw) => {
    const value = numberOf(raw);
    return Number.isSafeInteger(value) && within(value, bounds) ? value : undefined;
  },
  show: String,
});

/** A finite number; `above` excludes its own value. */
export const decimal = (bounds: Range & { readonly above?: number } = {}): ValueType<number> => ({
  allowed: `a number${bounds.above === undefined ? range(bounds) : ` > ${bounds.above}`}`,
  placeholder: '<number>',
  read: (raw) => {
    const value = numberOf(raw);
    return Number.isFinite(value) && within(value, bounds) && (bounds.above === undefined || value > bounds.above)
      ? value
      : undefined;
  },
  show: (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value)),
});

/** Text that is not empty and matches `pattern`. */
export const text = (
  placeholder = '<text>',
  pattern = /\S/,
  allowed = 'a text with at least one character that is no space',
): ValueType<string> => ({
  allowed,
  placeholder,
  read: (raw) => (typeof raw === 'string' && pattern.test(raw) ? raw : undefined),
  show: (value) => value,
});

export const path = text('<path>', /\S/, 'a path');

/** Choices that are longer together do not fit beside their explanation. */
const WIDE = 24;

export const choice = <const V extends string>(values: readonly V[]): ValueType<V> => ({
  allowed: values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`,
  placeholder: values.join('|').length > WIDE ? '<name>' : `<${values.join('|')}>`,
  read: (raw) => values.find((value) => value === raw),
  show: (value) => value,
});

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off'];

/** Yes or no; as a flag it stands alone. */
export const yesNo: ValueType<boolean> = {
  allowed: 'true or false',
  placeholder: null,
  read: (raw) => {
    if (typeof raw === 'boolean') return raw;
    const word = typeof raw === 'string' ? raw.toLowerCase() : '';
    return YES.includes(word) ? true : NO.includes(word) ? false : undefined;
  },
  show: String,
};

/** A URL of one of these schemes, with a host. */
export const url = (...schemes: readonly string[]): ValueType<string> => ({
  allowed: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  placeholder: '<url>',
  read: (raw) => {
    if (typeof raw !== 'string' || !URL.canParse(raw)) return undefined;
    const { protocol, hostname, username, password } = new URL(raw);
    // A lone % in a password parses here, and fails in every driver.
    if (/%(?![0-9a-f]{2})/i.test(username + password)) return undefined;
    return schemes.includes(protocol.slice(0, -1)) && hostname !== '' ? raw : undefined;
  },
  show: (value) => value,
});

const HOST_PORT = /^(\[[0-9a-f:]+\]|[a-z0-9._-]+):(\d{1,5})$/i;

/** `host:port`. */
const hostPort: ValueType<string> = {
  allowed: '<host>:<port>',
  placeholder: '<host:port>',
  read: (raw) => {
    const port = typeof raw === 'string' ? HOST_PORT.exec(raw)?.[2] : undefined;
    return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535 ? (raw as string) : undefined;
  },
  show: (value) => value,
};

/** Several values, separated by commas (in the file: an array), at least `min` (default 1). */
export const list = <T>(item: ValueType<T>, min = 1): ValueType<readonly T[]> => ({
  allowed: `a comma-separated list, each ${item.allowed}`,
  placeholder: item.placeholder?.replace('>', ',…>') ?? '<list>',
  read: (raw) => {
    const parts = Array.isArray(raw)
      ? raw
      : typeof raw === 'string'
        ? raw
            .split(',')
            .map((part) => part.trim())
            .filter((part) => part !== '')
        : null;
    if (parts === null || parts.length < min) return undefined;
    const values = parts.map((part) => item.read(part));
    return values.every((value) => value !== undefined) ? (values as T[]) : undefined;
  },
  show: (values) => values.map((value) => item.show(value)).join(','),
});

export const brokers = list(hostPort);

export const symbol: ValueType<string> = {
  allowed: 'a symbol: 1 to 100 of A–Z a–z 0–9 . _ -',
  placeholder: '<symbol>',
  read: (raw) => (typeof raw === 'string' && isLegalSymbol(raw) ? raw : undefined),
  show: (value) => value,
};

/** A channel pattern of which the mirror can make topics: a prefix and one star. */
export const ticksPattern = text(
  '<pattern>',
  /^ticks\.[A-Za-z0-9._*?-]+$/,
  'a pattern that begins with "ticks.", such as ticks.* or ticks.EUR*',
);

export const timeZone: ValueType<string> = {
  allowed: 'an IANA time zone, such as America/New_York',
  placeholder: '<zone>',
  read: (raw) => (typeof raw === 'string' && raw !== '' && isTimeZone(raw) ? raw : undefined),
  show: (value) => value,
};

/** A trading day, `YYYY-MM-DD`. */
export const day: ValueType<string> = {
  allowed: 'a day as YYYY-MM-DD',
  placeholder: '<YYYY-MM-DD>',
  read: (raw) => {
    if (typeof raw !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(raw)) return undefined;
    const ts = Date.parse(`${raw}T00:00:00Z`);
    // Date.parse takes 30 February for 2 March.
    return Number.isFinite(ts) && new Date(ts).toISOString().startsWith(raw) ? raw : undefined;
  },
  show: (value) => value,
};

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** A moment, in epoch milliseconds: ISO 8601, UTC where it names no zone. */
export const instant: ValueType<number> = {
  allowed: 'a moment in ISO 8601, such as 2014-05-02T21:00Z',
  placeholder: '<ISO 8601>',
  read: (raw) => {
    if (typeof raw !== 'string' || !ISO.test(raw)) return undefined;
    const zoned = /(Z|[+-]\d{2}:\d{2})$/.test(raw) || raw.length === 10;
    const ts = Date.parse(zoned ? raw : `${raw}Z`);
    return Number.isFinite(ts) ? ts : undefined;
  },
  show: (value) => new Date(value).toISOString(),
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const durationOf = (raw: unknown): number | undefined => {
  const [, amount, unit] = (typeof raw === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(raw) : null) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNITS[unit!]!;
};

/** A duration as its greatest unit that divides it. */
function showDuration(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms % UNITS[name]! === 0) ?? 'ms';
  return `${ms / UNITS[unit]!}${unit}`;
}

/** How long, in milliseconds: `90s`, `10m`, `2h`, `7d`; with a leading minus where `signed`; `between`: the shortest and the longest that are allowed. */
export const duration = ({
  signed = false,
  between,
}: {
  readonly signed?: boolean;
  readonly between?: readonly [number, number];
} = {}): ValueType<number> => ({
  allowed:
    between === undefined
      ? `a duration such as 90s, 10m, 2h or 7d${signed ? ' (or -2h)' : ''}`
      : `a duration from ${showDuration(between[0])} to ${showDuration(between[1])}`,
  placeholder: '<duration>',
  read: (raw) => {
    if (signed && typeof raw === 'string' && raw.startsWith('-')) {
      const value = durationOf(raw.slice(1));
      return value === undefined ? undefined : -value;
    }
    const value = durationOf(raw);
    const [min, max] = between ?? [0, Number.POSITIVE_INFINITY];
    return value !== undefined && value >= min && value <= max ? value : undefined;
  },
  show: showDuration,
});

/** A moment: a duration before now, or ISO 8601. */
export type Since = { readonly agoMs: number } | { readonly at: number };

export const since: ValueType<Since> = {
  allowed: 'a duration such as 10m or 2h, or a moment in ISO 8601',
  placeholder: '<10m|ISO 8601>',
  read: (raw) => {
    const agoMs = durationOf(raw);
    if (agoMs !== undefined) return { agoMs };
    const at = instant.read(raw);
    return at === undefined ? undefined : { at };
  },
  show: (value) => ('at' in value ? instant.show(value.at) : duration().show(value.agoMs)),
};

export const regularExpression: ValueType<RegExp> = {
  allowed: 'a regular expression',
  placeholder: '<pattern>',
  read: (raw) => {
    if (typeof raw !== 'string' || raw === '') return undefined;
    try {
      return new RegExp(raw, 'i');
    } catch {
      // Not one: the caller says what is allowed.
      return undefined;
    }
  },
  show: (value) => value.source,
};

/** A schedule in cron form. */
export const schedule: ValueType<string> = {
  allowed: 'a schedule in cron form, such as "5 17 * * *"',
  placeholder: '<cron>',
  read: (raw) => {
    if (typeof raw !== 'string' || raw.trim().split(/\s+/).length < 5) return undefined;
    try {
      new Cron(raw, { paused: true }).stop();
      return raw;
    } catch {
      // Not one: the caller says what is allowed.
      return undefined;
    }
  },
  show: (value) => value,
};

/** Names for symbol patterns, first match counts: `EURUSD=fx,*=24x7`; in the file an object. */
export const bySymbol = <T>(item: ValueType<T>): ValueType<ReadonlyMap<string, T>> => ({
  allowed: `a comma-separated list of <symbol pattern>=<value>, each value ${item.allowed}`,
  placeholder: '<pattern=value,…>',
  read: (raw) => {
    const pairs =
      typeof raw === 'string'
        ? raw.split(',').map((part) => part.trim().split('='))
        : typeof raw === 'object' && raw !== null && !Array.isArray(raw)
          ? Object.entries(raw)
          : null;
    if (pairs === null || pairs.length === 0) return undefined;
    const found = new Map<string, T>();
    for (const [pattern, value, ...more] of pairs) {
      const read = item.read(value);
      if (pattern === undefined || !/^[A-Za-z0-9._*?-]+$/.test(pattern) || read === undefined || more.length > 0)
        return undefined;
      found.set(pattern, read);
    }
    return found;
  },
  show: (map) => [...map].map(([pattern, value]) => `${pattern}=${item.show(value)}`).join(','),
});
