import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const PULSE = `'${process.execPath}' '${join(ROOT, 'src/app/main.ts')}'`;

/** A line of shell in a process group of its own, as a terminal has it: `PULSE mirror | tee log`. What its first command ends with goes to a file. */
export class ShellPipeline {
  readonly #shell: ChildProcess;
  readonly #codeFile: string;
  err = '';

  /** `line` in `folder`, with these variables and no others. */
  constructor(line: string, folder: string, env: Readonly<Record<string, string>>) {
    this.#codeFile = join(folder, 'exit-code');
    // The shell waits for its commands: the interrupt that ends them is not its own.
    this.#shell = spawn(
      'bash',
      [
        '-c',
        `trap : INT TERM HUP; ${line}; echo "\${PIPESTATUS[0]}" > '${this.#codeFile}.new'; mv '${this.#codeFile}.new' '${this.#codeFile}'`,
      ],
      {
        cwd: ROOT,
        detached: true,
        env: { PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`, HOME: folder, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#shell.stderr!.on('data', (bytes: Buffer) => (this.err += bytes.toString()));
  }

  /** To every process of the group, as Ctrl-C in a terminal. */
  signalAll(name: NodeJS.Signals): void {
    process.kill(-this.#shell.pid!, name);
  }

  /** The processes of the group, but for the shell, whose command line holds `word`. */
  pids(word: string): number[] {
    return pidsOfGroup(this.#shell.pid!).filter((pid) => pid !== this.#shell.pid && commandOf(pid).includes(word));
  }

  /** Resolves with the exit code of the first command, once all have ended. */
  async code(): Promise<number> {
    if (this.#shell.exitCode === null && this.#shell.signalCode === null) await once(this.#shell, 'exit');
    return Number(readFileSync(this.#codeFile, 'utf8'));
  }

  dispose(): void {
    try {
      this.signalAll('SIGKILL');
    } catch {
      // All have ended.
    }
  }
}

/** Fields of proc_pid_stat(5) after the name: state, parent, group. */
const GROUP = 2;

function pidsOfGroup(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(statOf(name)[GROUP]) === group)
    .map(Number);
}

const statOf = (pid: string): string[] => {
  const text = readOr(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const commandOf = (pid: number): string => readOr(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

/** Resolves once the file holds what is looked for, with the match. */
export const seen = (file: string, what: RegExp): Promise<RegExpExecArray> =>
  vi.waitFor(
    () => {
      const found = what.exec(existsSync(file) ? readFileSync(file, 'utf8') : '');
      if (found === null) throw new Error(`${file} does not hold ${what}`);
      return found;
    },
    { timeout: 60_000, interval: 50 },
  );
