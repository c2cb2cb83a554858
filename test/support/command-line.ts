import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '../../src/app/cli/commands.ts';
import { runCommandLine } from '../../src/app/cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder of its own, in which command lines run as in a shell that has no variables set. */
export class Shell {
  readonly folder: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.#env = env;
  }

  static async open(env: Readonly<Record<string, string>> = {}): Promise<Shell> {
    return new Shell(await mkdtemp(join(tmpdir(), 'pulse-shell-')), env);
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  /** Runs `pulse <argv>` in this process. `until` ends it as a signal would. */
  async run(argv: readonly string[], until?: (printed: string) => boolean): Promise<Ran> {
    const stop = new AbortController();
    let out = '';
    let err = '';
    const look = (): void => {
      if (until?.(out + err)) stop.abort();
    };
    const code = await runCommandLine(argv, commands, {
      env: { PULSE_DATA_DIR: this.dataDir, MCP2_PORT: '0', ...this.#env },
      folder: this.folder,
      terminal: {
        out: (text) => {
          out += text;
          look();
        },
        err: (text) => {
          err += text;
          look();
        },
        drained: async () => undefined,
        settled: async () => undefined,
        outFailed: new AbortController().signal,
        status: () => undefined,
        outIsTerminal: false,
        errIsTerminal: false,
        colour: false,
        columns: 100,
      },
      signal: stop.signal,
    });
    return { code, out, err };
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
