import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { type Taken, takenBy } from './process-tree.ts';

const ROOT = process.env.BENCH_ROOT ?? fileURLToPath(new URL('..', import.meta.url));
const SHIFT = fileURLToPath(new URL('./clock-shift.ts', import.meta.url));
const SAMPLE_MS = 250;

/** What was taken, `at` milliseconds after the start. */
export interface Sample extends Taken {
  readonly at: number;
}

/** `npm start` in a process of its own, looked at from outside. */
export class UpProcess {
  readonly #child: ChildProcess;
  readonly #begun = performance.now();
  readonly #output: string;
  /** Where its own part begins: one before it may have written to the same file. */
  readonly #outputFrom: number;
  readonly #timer: NodeJS.Timeout;
  readonly samples: Sample[] = [];

  /** `behindMs`: how far its clock is behind the machine's. */
  constructor(dataDir: string, behindMs = 0) {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
    // As npm runs it, but for npm itself.
    const words = scripts.start.split(' ').slice(1);
    this.#output = `${dataDir}.log`;
    const output = openSync(this.#output, 'a');
    this.#outputFrom = fstatSync(output).size;
    this.#child = spawn(
      process.execPath,
      [...(behindMs === 0 ? [] : ['--import', SHIFT]), ...words, '--data-dir', dataDir],
      {
        cwd: ROOT,
        env: {
          PATH: process.env.PATH ?? '',
          PULSE_PORT: '0',
          MCP2_PORT: '0',
          PULSE_LOG_FORMAT: 'json',
          BENCH_SHIFT_MS: String(behindMs),
        },
        stdio: ['ignore', output, output],
      },
    );
    closeSync(output);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS); // ambient-ok: it looks at another process
  }

  /** Milliseconds since its start. */
  get age(): number {
    return performance.now() - this.#begun;
  }

  /** Resolves once it is that old. */
  async reach(age: number): Promise<void> {
    while (this.age < age) await this.#pause();
  }

  /** Resolves with its two addresses, and how old it was when both were told. */
  async listening(): Promise<{ readonly own: string; readonly mcp2: string; readonly after: number }> {
    for (;;) {
      const said = readFileSync(this.#output).subarray(this.#outputFrom).toString();
      const [own, mcp2] = [...said.matchAll(/listens on (http:\S+) with/g)].slice(-2).map((found) => found[1]!);
      if (own !== undefined && mcp2 !== undefined) return { own, mcp2, after: this.age };
      await this.#pause();
    }
  }

  /** Resolves with its age once `look` finds what it looks for. */
  async until(look: () => Promise<boolean>): Promise<number> {
    // What is not there yet is asked for again: it may not even listen.
    while (!(await look().catch(() => false))) await this.#pause();
    return this.age;
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }

  #sample(): void {
    this.samples.push({ at: this.age, ...takenBy(this.#child.pid!) });
  }

  async #pause(): Promise<void> {
    if (this.#child.exitCode !== null)
      throw new Error(`it ended with ${this.#child.exitCode}:\n${readFileSync(this.#output, 'utf8').slice(-2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // ambient-ok: it looks at another process
  }
}

/** Most memory between two ages, MB. */
export const mostMemory = (samples: readonly Sample[], from = 0, to = Number.POSITIVE_INFINITY): number =>
  Math.max(...samples.filter(({ at }) => at >= from && at < to).map(({ resident }) => resident)) / 1e6;

/** The same, without what a file backs. */
export const mostOwnMemory = (samples: readonly Sample[], from = 0, to = Number.POSITIVE_INFINITY): number =>
  Math.max(...samples.filter(({ at }) => at >= from && at < to).map(({ own }) => own)) / 1e6;

/** Processor time between two ages, in per cent of a core. */
export function share(samples: readonly Sample[], from: number, to: number): number {
  const within = samples.filter(({ at }) => at >= from && at <= to);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || first === last) return 0;
  return (100 * (last.processorMs - first.processorMs)) / (last.at - first.at);
}

/** The highest share of any window of that length between two ages. */
export function highestShare(samples: readonly Sample[], from: number, to: number, windowMs: number): number {
  let most = 0;
  for (let at = from; at + windowMs <= to; at += windowMs / 4)
    most = Math.max(most, share(samples, at, at + windowMs + SAMPLE_MS));
  return most;
}
