import { setImmediate as nextTurn } from 'node:timers/promises'; // ambient-ok: lets the stream tell its error, no time passes

/** Where a command prints. */
export interface Terminal {
  /** Writes text as it is to standard output. */
  out(text: string): void;
  /** Writes text as it is to standard error. */
  err(text: string): void;
  /** Resolves when standard output has passed on most of what was written, or takes nothing more: whoever writes much waits for it, so that memory stays bounded. */
  drained(): Promise<void>;
  /** Resolves once it is known of all that was written to standard output whether it was taken. */
  settled(): Promise<void>;
  /** Aborts when standard output does not take what was written; the reason is the system's error: `EPIPE` where nobody reads on (`pulse dlq list | head`). */
  readonly outFailed: AbortSignal;
  /** Keeps these lines at the bottom of a terminal, below whatever is written; none takes them away. Nothing where it is no terminal. */
  status(lines: readonly string[]): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Whether colours are wanted (a terminal, and not NO_COLOR). */
  readonly colour: boolean;
  readonly columns: number;
}

export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  const outIsTerminal = stdout.isTTY === true;
  const failed = new AbortController();
  // Whoever reads the output may end first: Ctrl-C on `npm start | tee log` reaches `tee` too, and often before this process. Without
  // somebody who listens, the error would end the process in the middle of its work.
  stdout.on('error', (error) => failed.abort(error));
  stderr.on('error', () => undefined);
  let status: readonly string[] = [];
  const width = (): number => stdout.columns || 100;
  const erase = (): string => (status.length === 0 ? '' : `\x1b[${status.length}A\r\x1b[J`);
  const paint = (): string => status.map((line) => `${fit(line, width())}\n`).join('');
  const above = (stream: NodeJS.WriteStream, text: string): void => {
    if (status.length === 0) stream.write(text);
    else {
      stdout.write(erase());
      stream.write(text);
      stdout.write(paint());
    }
  };
  return {
    out: (text) => above(stdout, text),
    err: (text) => above(stderr, text),
    async drained() {
      if (!stdout.writableNeedDrain || failed.signal.aborted) return;
      const over = new AbortController();
      await new Promise<void>((resolve) => {
        stdout.once('drain', resolve);
        failed.signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
      });
      over.abort();
    },
    async settled() {
      await new Promise<void>((resolve) => stdout.write('', () => resolve()));
      // The error is told after the callback.
      await nextTurn();
    },
    outFailed: failed.signal,
    status(lines) {
      if (!outIsTerminal) return;
      const before = erase();
      status = lines;
      stdout.write(before + paint());
    },
    outIsTerminal,
    errIsTerminal: stderr.isTTY === true,
    colour: outIsTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
    get columns() {
      return width();
    },
  };
}

/** The part of a line that a terminal shows without a break. Colours take no room. */
function fit(line: string, width: number): string {
  let room = width - 1;
  let fitted = '';
  for (const [part] of line.matchAll(/\x1b\[\d*m|./gsu)) {
    if (part.startsWith('\x1b')) fitted += part;
    else if (room > 0) {
      fitted += part;
      room -= 1;
    }
  }
  return fitted;
}
