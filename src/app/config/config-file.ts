import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PulseError } from '../../domain/errors/errors.ts';

export interface ConfigFile {
  /** As messages name it. */
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const NAMES = ['pulse.config.json', 'pulse.config.mjs', 'pulse.config.js', 'pulse.config.ts'];

/** Reads the configuration file: `path` where given, else the one in `folder`, if any. Rejects with `config.file`. */
export async function readConfigFile(folder: string, path: string | null): Promise<ConfigFile | null> {
  const found = path === null ? NAMES.filter((name) => existsSync(resolve(folder, name))) : [path];
  const [name, other] = found;
  if (name === undefined) return null;
  if (other !== undefined)
    throw new PulseError('config.file', {
      path: name,
      reason: `${other} is there too; keep one, or name one with --config`,
    });
  const values = await contents(resolve(folder, name), name);
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new PulseError('config.file', { path: name, reason: 'it holds no object of settings' });
  }
  return { name: path === null ? name : basename(path), values: values as Record<string, unknown> };
}

async function contents(file: string, name: string): Promise<unknown> {
  if (!existsSync(file)) throw new PulseError('config.file', { path: name, reason: 'there is no such file' });
  try {
    if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'));
    if (/\.(mjs|js|ts)$/.test(file)) return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw new PulseError('config.file', { path: name, reason: (cause as Error).message }, { cause });
  }
  throw new PulseError('config.file', { path: name, reason: 'its name must end in .json, .mjs, .js or .ts' });
}
