import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importsOf, readSources, type Source } from '../../../scripts/checks/source.ts';

const ORACLE = 'test/simulation/oracle/';

/** What the oracle takes from elsewhere: it must know the contracts, and share no code with what it judges. */
const strangers = (sources: readonly Source[]): string[] =>
  sources
    .filter(({ path }) => path.startsWith(ORACLE) && !path.endsWith('.test.ts'))
    .flatMap((source) =>
      importsOf(source)
        .filter(({ target }) => !target?.startsWith(ORACLE))
        .map(({ specifier }) => `${source.path} imports ${specifier}`),
    );

test('the oracle shares no code with the product', () => {
  const sources = readSources(fileURLToPath(new URL('../../..', import.meta.url)), [ORACLE]);
  expect(sources.length).toBeGreaterThan(5);
  expect(strangers(sources)).toEqual([]);
});

test('an import of the product would be noticed, types included', () => {
  const planted = (line: string): Source[] => [{ path: `${ORACLE}tape.ts`, text: `${line}\n` }];
  for (const line of [
    "import { epochOf } from '../../../src/domain/tape/epoch.ts';",
    "import type { GapRecord } from '../../../src/domain/gap/gap.ts';",
    "import { runSeed } from '../run.ts';",
    "export { parseGap } from '../../../src/domain/gap/gap.ts';",
    "const { parseGap } = await import('../../../src/domain/gap/gap.ts');",
  ])
    expect(strangers(planted(line))).toHaveLength(1);
  expect(strangers(planted("import { excused } from './gaps.ts';"))).toEqual([]);
});
