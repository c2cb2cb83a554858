import type { Reporter, TestModule, TestSpecification } from 'vitest/node';
import { expectedSeconds, fileOf, writeDurations } from './durations.ts';

/** Between two lines, in seconds: a newcomer shall see that it goes on, and nobody a wall of lines. */
const EVERY = 20;

/** Says from time to time how many files are done and about how long the rest will take. With `PULSE_TEST_DURATIONS=write` it writes down what each took. */
export default class ProgressReporter implements Reporter {
  readonly #took = new Map<string, number>();
  #begun = 0;
  #files = 0;
  /** Seconds of work, as expected: of all, and of what is done. */
  #work = 0;
  #done = 0;
  #told = 0;

  onTestRunStart(files: readonly TestSpecification[]): void {
    [this.#begun, this.#files] = [performance.now(), files.length];
    this.#work = files.reduce((sum, { moduleId }) => sum + expectedSeconds(fileOf(moduleId)), 0);
    [this.#done, this.#told] = [0, 0];
    this.#took.clear();
  }

  onTestModuleEnd(module: TestModule): void {
    const file = fileOf(module.moduleId);
    this.#took.set(file, module.diagnostic().duration / 1_000);
    this.#done += expectedSeconds(file);
    const elapsed = (performance.now() - this.#begun) / 1_000;
    if (elapsed - this.#told < EVERY || this.#took.size === this.#files) return;
    this.#told = elapsed;
    const left = (this.#work - this.#done) * (elapsed / this.#done);
    process.stdout.write(
      `progress: ${this.#took.size} of ${this.#files} files after ${clockText(elapsed)}, about ${clockText(left)} left\n`,
    );
  }

  onTestRunEnd(): void {
    if (process.env.PULSE_TEST_DURATIONS === 'write') writeDurations(this.#took);
  }
}

/** `7 min 5 s` */
function clockText(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
