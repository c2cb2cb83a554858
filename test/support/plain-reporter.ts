import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** Ends the output with what was skipped and why, what failed, and the plain line `N passed, N failed, N skipped`. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    const skipped = new Map<string, number>();
    const failed: string[] = [];
    for (const module of modules) {
      if (module.errors().length > 0) {
        counts.failed += 1;
        failed.push(relative(process.cwd(), module.moduleId));
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state] += 1;
        if (state === 'failed') failed.push(`${relative(process.cwd(), module.moduleId)} > ${test.fullName}`);
        if (state === 'skipped') {
          const name = suiteOf(test);
          skipped.set(name, (skipped.get(name) ?? 0) + 1);
        }
      }
    }
    const lines = [
      ...[...skipped].map(([name, count]) => `skipped: ${name} (${count} tests)`),
      ...failed.map((name) => `failed: ${name}`),
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`,
    ];
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
}

/** The suite that was skipped as a whole: its name says why. */
function suiteOf(test: TestCase): string {
  let name = test.name;
  for (let at: TestSuite | TestModule = test.parent; at.type === 'suite'; at = at.parent) {
    if (/skipped, because/.test(at.name)) name = at.name;
    else if (/skipped, because/.test(name)) return `${at.fullName}: ${name}`;
    else name = at.name;
  }
  return `${relative(process.cwd(), test.module.moduleId)}: ${name}`;
}
