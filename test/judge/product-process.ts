import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** JUDGE_PRODUCT names another checkout, to judge an older version with the judge of this one. */
const MAIN =
  process.env.JUDGE_PRODUCT === undefined
    ? fileURLToPath(new URL('../../src/app/main.ts', import.meta.url))
    : join(process.env.JUDGE_PRODUCT, 'src/app/main.ts');
const MOST_RESTARTS = 20;
const RESTART_AFTER_MS = 500;

/** An end of a process that the judge did not bring about. */
export interface UnexpectedEnd {
  readonly name: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The end of what it printed. */
  readonly printed: string;
}

/** A service of the product, as an operator runs it: started again when it ends by itself. */
export class ProductProcess {
  readonly name: string;
  readonly #words: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly ends: UnexpectedEnd[] = [];
  #child: ChildProcess | null = null;
  /** Whether the judge wants it to run. */
  #wanted = false;
  #text = '';
  /** Whether it has printed anything since it was started last: before that it has no handler of signals. */
  #spoke = false;
  /** Faults that befall this process, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(name: string, words: readonly string[], env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#words = words;
    this.#env = env;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number | null {
    return this.running ? (this.#child?.pid ?? null) : null;
  }

  /** The end of what it printed since it was made. */
  get printed(): string {
    return this.#text;
  }

  start(): void {
    this.#wanted = true;
    if (this.running) return;
    const child = spawn(process.execPath, [MAIN, ...this.#words], {
      env: { PATH: process.env.PATH ?? '', PULSE_PORT: '0', PULSE_LOG_FORMAT: 'json', ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#spoke = false;
    const take = (bytes: Buffer): void => {
      this.#spoke = true;
      this.#text = (this.#text + bytes.toString()).slice(-60_000);
    };
    child.stdout!.on('data', take);
    child.stderr!.on('data', take);
    child.once('exit', (code, signal) => {
      if (!this.#wanted || this.#child !== child) return;
      const at = Date.now();
      this.ends.push({ name: this.name, code, signal, at, printed: this.#text.slice(-3_000) });
      if (this.ends.length <= MOST_RESTARTS) setTimeout(() => this.#wanted && this.start(), RESTART_AFTER_MS);
    });
  }

  /** Whether the signal reached it. */
  signal(name: NodeJS.Signals): boolean {
    return this.running && this.#child!.kill(name);
  }

  /** Ends it for now; resolves with its exit code (null after a signal that it did not handle), how long that took in milliseconds, and whether it had come up before. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ code: number | null; tookMs: number; wasUp: boolean }> {
    this.#wanted = false;
    const child = this.#child;
    if (child === null || !this.running) return { code: null, tookMs: 0, wasUp: false };
    const wasUp = this.#spoke;
    const begun = performance.now();
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    child.kill('SIGCONT');
    const patience = setTimeout(() => child.kill('SIGKILL'), 30_000);
    const [code] = await exit;
    clearTimeout(patience);
    return { code, tookMs: performance.now() - begun, wasUp };
  }

  /** Does this after all that was asked before is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => undefined);
    return done;
  }
}
