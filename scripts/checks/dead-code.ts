import { importsOf, type Source, type Violation, withoutComments } from './source.ts';

/** Where nothing needs to be imported: it is started. */
const ENTRIES = [/^src\/app\/main\.ts$/, /-worker\.ts$/, /\.test\.ts$/, /^test\//, /^bench\//, /^scripts\//];
const EXPORT =
  /^export\s+(?:async\s+)?(?:abstract\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+([\w$]+)/gm;
const FOR_TESTS = /\/\/ for-tests: \S/;

/**
 * Modules that nobody reaches from an entry, and exports that no other code uses. What only tests use is dead too, unless its own
 * module uses it, or a line `// for-tests: <reason>` stands right above it.
 */
export function checkDeadCode(sources: readonly Source[]): Violation[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const imports = new Map(sources.map((source) => [source.path, importsOf(source)]));
  const violations: Violation[] = [];
  const reached = reachable(
    [...byPath.keys()].filter((path) => ENTRIES.some((entry) => entry.test(path))),
    imports,
  );
  const used = usedNames(imports, (path) => !isTest(path));
  const tested = usedNames(imports, isTest);
  for (const { path, text } of sources) {
    if (!path.startsWith('src/') || path.endsWith('.test.ts')) continue;
    if (!reached.has(path)) violations.push({ path, line: 1, rule: 'module', message: 'nothing imports this module' });
    const code = withoutComments(text, 'keep');
    const lines = text.split('\n');
    for (const match of code.matchAll(EXPORT)) {
      const name = match[1]!;
      const line = code.slice(0, match.index).split('\n').length;
      const names = used.get(path);
      if (names?.has(name) || names?.has('*')) continue;
      // An export that its own file uses may be the type of another export: it costs nothing and names a thing.
      const usedHere = code.split(new RegExp(`\\b${name}\\b`)).length > 2;
      if (usedHere && new RegExp(`^export\\s+(interface|type)\\s+${name}\\b`, 'm').test(code)) continue;
      // A piece of a module that tests look at by itself.
      if (usedHere && tested.get(path)?.has(name)) continue;
      if (FOR_TESTS.test(lines[line - 2] ?? '')) continue;
      violations.push({ path, line, rule: 'export', message: `nobody uses the export ${name}` });
    }
  }
  return violations;
}

function reachable(
  entries: readonly string[],
  imports: ReadonlyMap<string, readonly { target: string | null }[]>,
): Set<string> {
  const reached = new Set<string>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const { target } of imports.get(path) ?? []) if (target !== null) queue.push(target);
  }
  return reached;
}

const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('test/');

/** Names that the files that count take from each module. */
function usedNames(
  imports: ReadonlyMap<string, readonly { target: string | null; names: readonly string[] }[]>,
  counts: (path: string) => boolean,
): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  for (const [path, list] of imports) {
    if (!counts(path)) continue;
    for (const { target, names } of list) {
      if (target === null) continue;
      const known = used.get(target) ?? new Set();
      for (const name of names) known.add(name);
      used.set(target, known);
    }
  }
  return used;
}
