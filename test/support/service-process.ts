import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/app/main.ts', import.meta.url));

/** A service of Pulse in a process of its own, as in production. */
export class ServiceProcess {
  readonly #words: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #text = '';

  constructor(words: readonly string[], env: Readonly<Record<string, string>>) {
    this.#words = words;
    this.#env = env;
  }

  /** The end of what it printed. */
  get printed(): string {
    return this.#text.slice(-4_000);
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its process; null while it does not run. */
  get pid(): number | null {
    return this.running ? (this.#child?.pid ?? null) : null;
  }

  /** Starts it; resolves when it has said what `until` looks for (default: that its service began its work). */
  async start(until = /"event":"service\.started","data":(?!\{"address")/): Promise<void> {
    const child = spawn(process.execPath, [MAIN, ...this.#words], {
      env: { PATH: process.env.PATH ?? '', PULSE_PORT: '0', MCP2_PORT: '0', PULSE_LOG_FORMAT: 'json', ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#text = '';
    const said = Promise.withResolvers<void>();
    const take = (bytes: Buffer): void => {
      this.#text = (this.#text + bytes.toString()).slice(-20_000);
      if (until.test(this.#text)) said.resolve();
    };
    child.stdout!.on('data', take);
    child.stderr!.on('data', take);
    child.once('exit', (code) =>
      said.reject(new Error(`${this.#words.join(' ')} ended with ${code}:\n${this.printed}`)),
    );
    await said.promise;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Ends it with this signal; resolves with its exit code, null where it was killed or did not run. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (child === null || !this.running) return null;
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGCONT');
    child.kill(name);
    return (await exit)[0];
  }
}
