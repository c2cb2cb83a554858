import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';

const FILE = new URL('../durations.json', import.meta.url);
/** Of a file that is not in the list: nearly all of those take less. */
const UNKNOWN = 1;
/** Shorter ones are not worth a line. */
const SHORTEST = 3;

const known = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, number>>;

/** Path of a test file from the project's root. */
export const fileOf = (moduleId: string): string => relative(process.cwd(), moduleId).replaceAll('\\', '/');

/** Seconds that a test file took in the run that `durations.json` was written from, on two cores with every engine. Only for the order and to say what is left. */
export const expectedSeconds = (file: string): number => known[file] ?? UNKNOWN;

/** Writes down what the files of a whole run took, longest first. */
export function writeDurations(seconds: ReadonlyMap<string, number>): void {
  const long = [...seconds].filter(([, took]) => took >= SHORTEST).sort(([, a], [, b]) => b - a);
  const rounded = Object.fromEntries(long.map(([file, took]) => [file, Math.round(took)]));
  writeFileSync(FILE, `${JSON.stringify(rounded, null, 2)}\n`);
}
