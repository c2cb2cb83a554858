import { type Source, type Violation, withoutComments } from './source.ts';

/** What takes time, chance or the surroundings from nowhere, and where it may stand. */
const BANNED: readonly (readonly [rule: string, pattern: RegExp, allowed: RegExp])[] = [
  [
    'clock',
    /\bDate\.now\b|\bnew Date\(\s*\)|(?<![.\w])Date\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b/g,
    /^src\/adapters\/clock\//,
  ],
  ['timer', /(?<![.\w])(setTimeout|setInterval|setImmediate)\b|node:timers/g, /^src\/adapters\/clock\//],
  ['random', /\bMath\.random\b|\brandom(Bytes|Int|UUID)\b|\bgetRandomValues\b/g, /^src\/adapters\/random\//],
  ['environment', /\bprocess\.env\b/g, /^src\/app\//],
  ['console', /(?<![.\w])console\./g, /^src\/app\//],
];
const MARK = /\/\/ ambient-ok: \S/;

/** Ambient time, chance, environment and output in `src/`. A line may be marked `// ambient-ok: <reason>`; a mark without need is a violation too. */
export function checkAmbient(sources: readonly Source[]): Violation[] {
  const violations: Violation[] = [];
  for (const { path, text } of sources) {
    if (!path.startsWith('src/') || path.endsWith('.test.ts')) continue;
    const marked = text.split('\n');
    withoutComments(text, 'keep')
      .split('\n')
      .forEach((line, i) => {
        const found = BANNED.filter(([, pattern, allowed]) => line.search(pattern) >= 0 && !allowed.test(path));
        const isMarked = MARK.test(marked[i] ?? '');
        if (isMarked && found.length === 0)
          violations.push({ path, line: i + 1, rule: 'stale-mark', message: 'nothing here needs // ambient-ok' });
        if (!isMarked) for (const [rule] of found) violations.push({ path, line: i + 1, rule, message: line.trim() });
      });
  }
  return violations;
}
