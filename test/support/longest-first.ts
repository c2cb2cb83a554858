import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { expectedSeconds, fileOf } from './durations.ts';

/** Begins with the files that take longest: one of ten minutes that came last would run alone, with the other workers idle. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const expected = (file: TestSpecification): number => expectedSeconds(fileOf(file.moduleId));
    return (await super.sort(files)).sort((a, b) => expected(b) - expected(a));
  }
}
