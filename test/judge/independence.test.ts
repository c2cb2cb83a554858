import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '../..');
/** Node itself, and what tests are run with. */
const ALLOWED = /^(node:|vitest$)/;

/** What a file, and all that it imports, takes from elsewhere than Node, the test runner and `test/`: file and what it imports. */
function foreignImports(path: string, read: (path: string) => string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  return [
    ...read(path).matchAll(/^(?:import|export)[^;]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm),
  ].flatMap((match) => {
    const name = (match[1] ?? match[2] ?? match[3])!;
    if (ALLOWED.test(name)) return [];
    const target = join(dirname(path), name);
    if (name.startsWith('.') && relative(ROOT, target).startsWith('test/')) return foreignImports(target, read, seen);
    return [`${relative(ROOT, path)}: ${name}`];
  });
}

const read = (path: string): string => readFileSync(path, 'utf8');

test('the judge shares no code with what it judges, nor the clients of its engines', () => {
  const files = readdirSync(HERE).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap((name) => foreignImports(join(HERE, name), read))).toEqual([]);
});

test('a borrowed piece is found, however far away', () => {
  const planted = new Map([
    [join(HERE, 'a.ts'), "import { b } from '../support/b.ts';"],
    [
      join(ROOT, 'test/support/b.ts'),
      "import { createClient } from 'redis';\nexport { gap } from '../../src/domain/gap/gap.ts';",
    ],
  ]);
  expect(foreignImports(join(HERE, 'a.ts'), (path) => planted.get(path)!)).toEqual([
    'test/support/b.ts: redis',
    'test/support/b.ts: ../../src/domain/gap/gap.ts',
  ]);
});
