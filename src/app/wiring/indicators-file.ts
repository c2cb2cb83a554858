import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type IndicatorOptions, indicatorOptions } from '../../domain/analysis/indicator-options.ts';
import { PulseError } from '../../domain/errors/errors.ts';

const USUAL = 'pulse.indicators.json';

/** The indicators to read: of the file `path`, of the usual one in the working directory, or the defaults. Rejects with `indicators.file`. */
export async function readIndicators(path: string | null): Promise<IndicatorOptions> {
  const file = path ?? USUAL;
  if (path === null && !existsSync(file)) return indicatorOptions.parse({});
  const refuse = (problem: string): never => {
    throw new PulseError('indicators.file', { path: file, problem });
  };
  const text = await readFile(resolve(file), 'utf8').catch((error: Error) =>
    refuse(`cannot be read: ${error.message}`),
  );
  let value: unknown;
  try {
    // Editors of Windows begin a file with a byte-order mark, which is no JSON.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse(`is not JSON: ${(error as Error).message}`);
  }
  const read = indicatorOptions.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue!.path.join('.');
  const found = issue!.path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const shown = typeof found === 'object' || found === undefined ? '' : ` (it is ${JSON.stringify(found)})`;
  return refuse(`${where === '' ? '' : `${where}: `}${issue!.message}${shown}`);
}
