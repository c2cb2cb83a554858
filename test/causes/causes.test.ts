import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { Chance } from './chance.ts';
import { reported } from './desk.ts';
import { cleanWorld, type Expected, harmless, plants } from './plants.ts';
import { faultsOf } from './verdict.ts';
import { forms } from './world.ts';

vi.setConfig({ testTimeout: 600_000 });

const PLANTED = 120;
const CLEAN = 60;
/** Of the planted ones so many must be told right. */
const RIGHT = 0.95;
const SEED = Number(process.env.CAUSES_SEED ?? 1);

const names = Object.keys(plants);

/** Kinds in turn, each in another form the next time. */
const casesOf = <T>(count: number, kinds: readonly T[]) =>
  Array.from({ length: count }, (_, i) => {
    const kind = kinds[i % kinds.length]!;
    return { kind, form: forms[(i + Math.floor(i / kinds.length)) % forms.length]!, seed: SEED * 10_000 + i };
  });

test(`of ${PLANTED} planted faults of ${names.length} kinds in ${forms.length} forms the right cause is told of ${RIGHT * 100} % or more`, async () => {
  const wrong: string[] = [];
  const cases = casesOf(PLANTED, names);
  expect(new Set(cases.map(({ kind, form }) => `${kind} ${form}`)).size).toBe(names.length * forms.length);
  for (const { kind, form, seed } of cases) {
    const chance = new Chance(seed);
    const { world, expected } = plants[kind]!(cleanWorld(form, chance), chance);
    const faults = faultsOf(expected, await reported(world));
    if (faults.length > 0)
      wrong.push(
        `${kind}, ${form}, seed ${seed}, ${world.markets[0]!.instrument.symbol}: ${faults.slice(0, 3).join('; ')}`,
      );
  }
  const right = PLANTED - wrong.length;
  expect(right / PLANTED, `${right} of ${PLANTED} right; wrong:\n${wrong.join('\n')}`).toBeGreaterThanOrEqual(RIGHT);
  console.log(`${right} of ${PLANTED} planted faults were told right${wrong.map((line) => `\n  ${line}`).join('')}`);
});

test(`in ${CLEAN} clean cases nothing is found`, async () => {
  const alarms: string[] = [];
  for (const { kind, form, seed } of casesOf(CLEAN, Object.keys(harmless))) {
    const chance = new Chance(seed + 5_000);
    const world = harmless[kind]!(cleanWorld(form, chance), chance);
    const faults = faultsOf(NOTHING, await reported(world));
    if (faults.length > 0) alarms.push(`${kind}, ${form}, seed ${seed}: ${faults.slice(0, 3).join('; ')}`);
  }
  expect(alarms).toEqual([]);
});

const NOTHING: Expected = { systematic: null, causes: new Map() };

/** Canaries: the judge notices what is wrong. */
test.each([
  'tick lost',
  'tie order',
  'stamped on close',
  'prices scaled',
])('a wrong cause of "%s" would be noticed, and so would silence or one bar too many', async (kind) => {
  const chance = new Chance(7);
  const { world, expected } = plants[kind]!(cleanWorld('stream', chance), chance);
  const said = await reported(world);
  expect(faultsOf(expected, said)).toEqual([]);
  expect(faultsOf(NOTHING, said)).not.toEqual([]);
  const wrong: Expected = {
    systematic: expected.systematic === null ? null : 'stale bars',
    causes: new Map([...expected.causes].map(([start]) => [start, 'gap'])),
  };
  expect(faultsOf(wrong, said)).not.toEqual([]);
  const clean = await reported(cleanWorld('stream', new Chance(7)));
  expect(faultsOf(NOTHING, clean)).toEqual([]);
  expect(faultsOf(expected, clean)).not.toEqual([]);
  expect(faultsOf(expected, { failed: 'no report' })).not.toEqual([]);
  if (expected.systematic === null)
    expect(faultsOf({ ...expected, causes: new Map([...expected.causes].slice(1)) }, said)).not.toEqual([]);
});

test('what plants and judges takes nothing from what it judges: bytes go in by the engines, and JSON comes out of the command', () => {
  const folder = dirname(fileURLToPath(import.meta.url));
  const taken = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^(?:import|export)[^;]*? from '(?!\.\/)([^']+)'/gm)].map(
      ([, path]) => path!,
    ),
  );
  const allowed = /^(node:|vitest$|\.\.\/support\/command-line\.ts$|\.\.\/\.\.\/src\/adapters\/)/;
  expect(taken.length).toBeGreaterThan(5);
  expect(taken.filter((path) => !allowed.test(path))).toEqual([]);
});
