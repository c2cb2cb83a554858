import { createHash } from 'node:crypto';
import { type Scope, scopes } from '../../ports/caller.ts';
import type { ValueType } from './value-type.ts';

/** A key as it was configured. */
export interface ConfiguredKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Of the key, in hexadecimal digits. */
  readonly sha256: string;
  /** The key itself, for the redaction of logs; null where only its hash is configured. */
  readonly secret: string | null;
}

const NAMED = /^([A-Za-z0-9._-]{1,64}):([a-z+]+):(.+)$/;
const KEY = /^[\x21-\x2b\x2d-\x7e]{16,}$/;
const HASHED = /^sha256=([0-9a-f]{64})$/i;

const scopesOf = (text: string): Scope[] | undefined => {
  const found = text.split('+').map((word) => scopes.find((scope) => scope === word));
  return found.every((scope) => scope !== undefined) ? [...new Set(found)] : undefined;
};

function keyOf(text: string, place: number): ConfiguredKey | undefined {
  const [, name = `key-${place + 1}`, allowed = scopes.join('+'), key = text] = NAMED.exec(text) ?? [];
  const granted = scopesOf(allowed);
  if (granted === undefined) return undefined;
  const hashed = HASHED.exec(key)?.[1]?.toLowerCase();
  if (hashed !== undefined) return { name, scopes: granted, sha256: hashed, secret: null };
  // A hash of the wrong length would be a key that nobody meant.
  if (!KEY.test(key) || /^sha256=/i.test(key)) return undefined;
  return { name, scopes: granted, sha256: createHash('sha256').update(key).digest('hex'), secret: key };
}

/** API keys, each with a name and what it may do. */
export const apiKeys: ValueType<readonly ConfiguredKey[]> = {
  allowed:
    'a comma-separated list, each <key> or <name>:<scope>+<scope>:<key> with the scopes read, write and llm; a key has at least 16 printable characters without spaces and commas, or is sha256=<64 hexadecimal digits>',
  placeholder: '<key,…>',
  read: (raw) => {
    const parts = Array.isArray(raw) ? raw : typeof raw === 'string' ? raw.split(',') : [];
    const keys = parts.map((part, i) => (typeof part === 'string' ? keyOf(part.trim(), i) : undefined));
    const names = new Set(keys.map((key) => key?.name));
    return keys.length > 0 && names.size === keys.length && keys.every((key) => key !== undefined) ? keys : undefined;
  },
  show: (keys) =>
    keys.map(({ name, scopes: granted, sha256 }) => `${name}:${granted.join('+')}:sha256=${sha256}`).join(','),
  secrets: (keys) => keys.flatMap(({ secret }) => secret ?? []),
};
