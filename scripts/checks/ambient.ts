import { type Source, type Violation, withoutComments } from './source.ts';

/** `of.name`, `of?.name`, `of['name']`, and `{ name: n } = of` over as many lines as it takes. */
const member = (of: string, names: string): string =>
  [
    String.raw`(?<![.\w$])${of}\s*\??\.\s*(?:${names})\b`,
    String.raw`(?<![.\w$])${of}\s*(?:\?\.\s*)?\[`,
    String.raw`\{[^{}]*\b(?:${names})\b[^{}]*\}\s*=\s*${of}\b`,
  ].join('|');
/** A module of Node, whatever is taken from it; with and without `node:`. */
const module = (name: string): string => String.raw`['"\`](?:node:)?${name}(?:\/[a-z]+)?['"\`]`;
const any = (...patterns: readonly string[]): RegExp => new RegExp(patterns.join('|'), 'g');

/** What takes time, chance or the surroundings from nowhere, and where it may stand. */
const BANNED: readonly (readonly [rule: string, pattern: RegExp, allowed: RegExp])[] = [
  [
    'clock',
    any(
      member('Date', 'now'),
      member('performance', 'now|timeOrigin|mark|measure'),
      member('process', 'hrtime|uptime'),
      module('perf_hooks'),
      String.raw`\bnew\s+Date\b(?!\s*\(\s*[^)\s])`,
      String.raw`(?<![.\w$]|new\s+)Date\(`,
      String.raw`\bTemporal\s*\.\s*Now\b`,
    ),
    /^src\/adapters\/clock\//,
  ],
  [
    'timer',
    any(
      String.raw`(?<![\w$])(?:setTimeout|setInterval|setImmediate)\b`,
      member('AbortSignal', 'timeout'),
      member('Atomics', 'wait|waitAsync'),
      module('timers'),
    ),
    /^src\/adapters\/clock\//,
  ],
  [
    'random',
    any(
      member('Math', 'random'),
      String.raw`\brandom(?:Bytes|Int|UUID|Fill|FillSync)\b`,
      String.raw`\bgetRandomValues\b`,
    ),
    /^src\/adapters\/random\//,
  ],
  ['environment', any(member('process', 'env'), module('process'), String.raw`\bimport\.meta\.env\b`), /^src\/app\//],
  [
    'console',
    any(String.raw`(?<![.\w$])console\s*\??\.`, member('console', 'log|warn|error|info'), module('console')),
    /^src\/app\//,
  ],
  // By another name, or by way of the global object, each of these would go by unseen.
  [
    'alias',
    any(
      String.raw`[\w$>]\s*=\s*(?:Date|performance|Math|AbortSignal|Atomics|console|process)\s*[;,)\n}]`,
      String.raw`[(,]\s*(?:Date|performance|Math|AbortSignal|Atomics|console)\s*[,)]`,
      String.raw`\bglobalThis\b|(?<![.\w$'"-])global\s*(?:\?\.|[.[;])`,
    ),
    /^$/,
  ],
];
const MARK = /\/\/ ambient-ok: \S/;

/** Ambient time, chance, environment and output in `src/`. A line may be marked `// ambient-ok: <reason>`; a mark without need is a violation too. */
export function checkAmbient(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => path.startsWith('src/') && !path.endsWith('.test.ts'))
    .flatMap(({ path, text }) => {
      const lines = text.split('\n');
      const code = withoutComments(text, 'keep');
      const violations = new Map<string, Violation>();
      const needed = new Set<number>();
      for (const [rule, pattern, allowed] of BANNED) {
        if (allowed.test(path)) continue;
        for (const { index, 0: found } of code.matchAll(pattern)) {
          const first = code.slice(0, index).split('\n').length;
          const last = first + found.trimEnd().split('\n').length - 1;
          const mark = lines.slice(first - 1, last).findIndex((line) => MARK.test(line));
          if (mark >= 0) needed.add(first + mark);
          else violations.set(`${first} ${rule}`, { path, line: first, rule, message: lines[first - 1]!.trim() });
        }
      }
      const stale = lines.flatMap((line, i) =>
        MARK.test(line) && !needed.has(i + 1)
          ? [{ path, line: i + 1, rule: 'stale-mark', message: 'nothing here needs // ambient-ok' }]
          : [],
      );
      return [...violations.values(), ...stale];
    });
}
