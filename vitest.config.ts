import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // A test.only that was forgotten would pass for the whole suite; vitest refuses it by itself only where CI is set.
    allowOnly: false,
    // The last line says how many passed, failed and were skipped.
    reporters: [
      ['default', { summary: false }],
      './test/support/progress-reporter.ts',
      './test/support/plain-reporter.ts',
    ],
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
