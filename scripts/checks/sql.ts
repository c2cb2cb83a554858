import { type Source, type Violation, withoutComments } from './source.ts';

/** Where statements are written. */
const PLACES = /^src\/(stores|adapters\/database)\//;
const STATEMENT =
  /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|CREATE|ALTER|DROP|TRUNCATE|COPY|CALL|DO|GRANT|SET|LISTEN|NOTIFY)\s/;
/** A constant, or a part of a statement that is made of literals alone. */
const FIXED = /^(?:[A-Z][A-Z0-9_]*|[a-zA-Z]\w*\('[^']*'\))$/;
const TEMPLATE = /`(?:\\.|[^`\\])*`/g;
const ADDED = /(['"])(?:\\.|(?!\1)[^\\\n])*\1\s*\+/g;
const MARK = /\/\/ sql-ok: \S/;

/**
 * Statements of SQL into which something else than constants is written: values are parameters, or they could be statements. A line, or the one
 * above, may be marked `// sql-ok: <reason>`; a mark without need is a violation too.
 */
export function checkSql(sources: readonly Source[]): Violation[] {
  return sources
    .filter(({ path }) => PLACES.test(path) && !path.endsWith('.test.ts'))
    .flatMap(({ path, text }) => {
      const code = withoutComments(text, 'keep');
      const lines = text.split('\n');
      const needed = new Set<number>();
      const violations: Violation[] = [];
      const blame = (at: number, message: string): void => {
        const line = code.slice(0, at).split('\n').length;
        const mark = [line, line - 1].find((each) => MARK.test(lines[each - 1] ?? ''));
        if (mark !== undefined) needed.add(mark);
        else violations.push({ path, line, rule: 'sql', message });
      };
      for (const { index, 0: literal } of code.matchAll(TEMPLATE)) {
        if (!STATEMENT.test(literal.slice(1))) continue;
        for (const found of literal.matchAll(/\$\{([^}]*)\}?/g))
          if (!FIXED.test(found[1]!.trim())) blame(index + found.index, `\${${found[1]}} is written into a statement`);
      }
      for (const { index, 0: literal } of code.matchAll(ADDED))
        if (STATEMENT.test(literal.slice(1))) blame(index, 'something is added to a statement');
      lines.forEach((line, i) => {
        if (MARK.test(line) && !needed.has(i + 1))
          violations.push({ path, line: i + 1, rule: 'stale-mark', message: 'nothing here needs // sql-ok' });
      });
      return violations;
    });
}
