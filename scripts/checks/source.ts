import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** A source file: its path from the project's root, with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Something that breaks a rule. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** An import, type imports and re-exports included. */
export interface Import {
  /** As written: `../ports/clock.ts`, `node:fs`, `lmdb`. */
  readonly specifier: string;
  /** Path from the root of the file it names; null for Node and packages. */
  readonly target: string | null;
  /** Names that are taken; `*` for all. */
  readonly names: readonly string[];
  readonly line: number;
}

/** The TypeScript sources below the given folders of `root`, sorted. */
export function readSources(root: string, folders: readonly string[]): Source[] {
  const found: Source[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(path);
      } else if (entry.name.endsWith('.ts'))
        found.push({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') });
    }
  };
  for (const folder of folders) walk(join(root, folder));
  return found.sort((a, b) => a.path.localeCompare(b.path));
}

/** The text with comments blanked out and, where `strings` says so, strings too; every character stays in its place. */
export function withoutComments(text: string, strings: 'keep' | 'blank'): string {
  const blank = (piece: string): string => piece.replace(/[^\n]/g, ' ');
  // Template literals are kept whole: what stands in `${}` is code.
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:?&|!]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g,
    (piece) => {
      if (piece.startsWith('//') || piece.startsWith('/*')) return blank(piece);
      if (strings === 'keep' || piece.startsWith('`')) return piece;
      return blank(piece);
    },
  );
}

const STATIC = /\b(?:import|export)\s+(?:type\s+)?((?:[\w$*{}\s,]|\bas\b)*?)\s*from\s*['"]([^'"]+)['"]/g;
const BARE = /\bimport\s*['"]([^'"]+)['"]/g;
const DYNAMIC =
  /(?:(?:const|let)\s*\{([^}]*)\}\s*=\s*await\s+|\(await\s+)?\bimport\(\s*['"`]([^'"`]+)['"`]\s*[,)](?:\)\s*\.\s*([\w$]+))?/g;
const URL_OF = /new URL\(\s*['"](\.[^'"]+\.ts)['"]/g;

/** The imports of a file. */
export function importsOf({ path, text }: Source): Import[] {
  const code = withoutComments(text, 'keep');
  const found: Import[] = [];
  const add = (specifier: string, names: readonly string[], index: number): void => {
    const target = specifier.startsWith('.') ? posix.normalize(posix.join(dirname(path), specifier)) : null;
    found.push({ specifier, target, names, line: code.slice(0, index).split('\n').length });
  };
  for (const match of code.matchAll(STATIC)) add(match[2]!, namesIn(match[1]!), match.index);
  for (const match of code.matchAll(BARE)) add(match[1]!, [], match.index);
  for (const match of code.matchAll(DYNAMIC))
    add(match[2]!, match[1] !== undefined ? namesIn(`{${match[1]}}`) : [match[3] ?? '*'], match.index);
  for (const match of code.matchAll(URL_OF)) add(match[1]!, ['*'], match.index);
  return found;
}

/** `{ a, type b as c }` takes a and b. */
function namesIn(clause: string): string[] {
  const braces = /\{([\s\S]*)\}/.exec(clause)?.[1];
  if (braces === undefined) return ['*'];
  return braces
    .split(',')
    .map((name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .split(/\s+as\s+|:/)[0]!
        .trim(),
    )
    .filter((name) => name !== '');
}

export function printViolations(violations: readonly Violation[], check: string): never {
  for (const { path, line, rule, message } of violations) console.error(`${path}:${line} ${rule}: ${message}`);
  console.log(
    violations.length === 0 ? `${check}: nothing to complain about` : `${check}: ${violations.length} to mend`,
  );
  process.exit(violations.length === 0 ? 0 : 1);
}
