import { mayImport, packageOf } from './packages.ts';
import { importsOf, type Source, type Violation, withoutComments } from './source.ts';

const LAYERS = ['domain', 'ports', 'text', 'adapters', 'stores', 'edge', 'services', 'app'] as const;
type Layer = (typeof LAYERS)[number];

/** What each layer may import, besides itself. */
const MAY: Readonly<Record<Layer, readonly Layer[]>> = {
  domain: [],
  ports: ['domain'],
  text: ['domain', 'ports'],
  adapters: ['domain', 'ports'],
  stores: ['domain', 'ports'],
  edge: ['domain', 'ports'],
  services: ['domain', 'ports', 'text', 'stores', 'edge'],
  app: ['domain', 'ports', 'text', 'adapters', 'stores', 'edge', 'services'],
};

/** An import whose name is known only when it runs: no rule can see where it leads. */
const COMPUTED = /\bimport\(\s*(?!['"`\s])|\bimport\(\s*`[^`]*\$\{|\bgetBuiltinModule\b|\bcreateRequire\b/g;
/** Reads the configuration file that the user names. */
const MAY_COMPUTE = ['src/app/config/config-file.ts'];

/** Where each broken import rule stands (layers, packages by room, circles); type imports count. */
export function checkImports(sources: readonly Source[]): Violation[] {
  const known = new Set(sources.map(({ path }) => path));
  const violations: Violation[] = [];
  const graph = new Map<string, string[]>();
  for (const source of sources) {
    const { path } = source;
    const isTest = path.endsWith('.test.ts');
    const targets: string[] = [];
    for (const { specifier, target, line } of importsOf(source)) {
      const refuse = (rule: string, message: string): void => void violations.push({ path, line, rule, message });
      const from = layerOf(path);
      if (target === null) {
        if (isTest || from === null || mayImport(path, specifier)) continue;
        // Contracts are declared once, with zod: as pure as the rules beside them.
        if (from === 'ports' || from === 'domain')
          refuse('pure', `${from} imports ${specifier}; it may use neither Node nor a library`);
        else refuse('packages', `${packageOf(specifier)} may not be imported here (scripts/checks/packages.ts)`);
        continue;
      }
      // In tests the compiler looks after this: they hold planted sources as text.
      if (!isTest && target.endsWith('.ts') && !known.has(target)) refuse('unresolved', `${specifier} does not exist`);
      targets.push(target);
      if (from === null || isTest) continue;
      const to = layerOf(target);
      if (/^(test|bench|scripts)\/|\.test\.ts$/.test(target)) refuse('tests', `code imports ${target}`);
      else if (to !== null && to !== from && !MAY[from].includes(to))
        refuse('layers', `${from} may not import ${to} (${target})`);
      else if (from === 'services' && to === 'services' && serviceOf(path) !== serviceOf(target))
        refuse('services', `the service ${serviceOf(path)} imports the service ${serviceOf(target)}`);
    }
    graph.set(path, targets);
    violations.push(...computedImports(source));
  }
  return [...violations, ...cycles(graph)];
}

function computedImports({ path, text }: Source): Violation[] {
  if (layerOf(path) === null || path.endsWith('.test.ts') || MAY_COMPUTE.includes(path)) return [];
  const code = withoutComments(text, 'keep');
  return [...code.matchAll(COMPUTED)].map(({ index, 0: found }) => ({
    path,
    line: code.slice(0, index).split('\n').length,
    rule: 'computed',
    message: `${found.trim()}… imports what no check can see`,
  }));
}

const layerOf = (path: string): Layer | null => {
  const layer = /^src\/([^/]+)\//.exec(path)?.[1];
  return LAYERS.find((name) => name === layer) ?? null;
};

const serviceOf = (path: string): string => /^src\/services\/([^/]+)/.exec(path)?.[1] ?? path;

/** One violation for each import that closes a circle. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): Violation[] {
  const found: Violation[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    if (done.has(path)) return;
    const at = trail.indexOf(path);
    if (at >= 0) {
      found.push({
        path: trail[trail.length - 1]!,
        line: 1,
        rule: 'cycle',
        message: [...trail.slice(at), path].join(' → '),
      });
      return;
    }
    trail.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return found;
}
