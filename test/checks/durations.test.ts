import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { TestModule, TestSpecification } from 'vitest/node';
import { expectedSeconds } from '../support/durations.ts';
import ProgressReporter from '../support/progress-reporter.ts';

const durations = JSON.parse(readFileSync('test/durations.json', 'utf8')) as Record<string, number>;

test('the list of durations names test files that are there', () => {
  expect(Object.keys(durations).filter((file) => !existsSync(file))).toEqual([]);
});

test('progress counts files by what they are expected to take', () => {
  const [long] = Object.keys(durations);
  const files = [long!, 'test/none.test.ts'].map((file) => ({ moduleId: `${process.cwd()}/${file}` }));
  const lines: string[] = [];
  const writing = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  try {
    const reporter = new ProgressReporter();
    reporter.onTestRunStart(files as TestSpecification[]);
    const ended = (at: number, file: object): void => {
      clock.mockReturnValue(at);
      reporter.onTestModuleEnd({ ...file, diagnostic: () => ({ duration: 1 }) } as TestModule);
    };
    ended(2_000 * expectedSeconds(long!), files[0]!);
    // The last file says nothing: the counts follow.
    ended(2_000 * expectedSeconds(long!) + 60_000, files[1]!);
  } finally {
    writing.mockRestore();
    clock.mockRestore();
  }
  expect(lines).toEqual([expect.stringMatching(/^progress: 1 of 2 files after \d+ min( \d+ s)?, about 2 s left\n$/)]);
});
