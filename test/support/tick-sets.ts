import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Recorded market data beside the checkout: see its README. */
const FOLDER = fileURLToPath(new URL('../../../shared/ticks', import.meta.url));

export interface TickSet {
  readonly name: string;
  readonly ticks: string;
  readonly bars: string;
}

/** Why the sets cannot be used here, or null. */
export const ticksMissing = (): string | null =>
  existsSync(FOLDER) ? null : 'the recorded ticks (../shared/ticks) are not there';

export function tickSets(): TickSet[] {
  if (ticksMissing() !== null) return [];
  const names = readdirSync(FOLDER).flatMap((file) => /^(.+)\.bars\.1m\.ndjson\.gz$/.exec(file)?.[1] ?? []);
  return names.map((name) => ({
    name,
    ticks: join(FOLDER, `${name}.ndjson.gz`),
    bars: join(FOLDER, `${name}.bars.1m.ndjson.gz`),
  }));
}

export const tickSet = (name: string): TickSet => {
  const set = tickSets().find((each) => each.name === name);
  if (set === undefined) throw new Error(`there is no set ${name}`);
  return set;
};
