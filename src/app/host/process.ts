import { systemClock } from '../../adapters/clock/system.ts';
import type { Command } from '../cli/command.ts';
import { runCommandLine } from '../cli/run.ts';
import { EXIT_STOPPED } from './exit-codes.ts';
import { pulseError } from './supervisor.ts';
import { processTerminal } from './terminal.ts';

const SAME_SIGNAL_MS = 1_000;

/** Runs the command line of this process, and ends the process with its exit code. */
export async function runProcess(commands: readonly Command[]): Promise<never> {
  process.on('uncaughtException', endWithDefect);
  process.on('unhandledRejection', endWithDefect);
  const code = await runCommandLine(process.argv.slice(2), commands, {
    env: process.env,
    folder: process.cwd(),
    terminal: processTerminal(process),
    signal: stopSignal(),
  });
  // What an engine still holds open must not keep a process that is done.
  process.exit(code);
}

/** Aborts at the first signal. A second one ends the process at once. */
function stopSignal(): AbortSignal {
  const clock = systemClock();
  const stop = new AbortController();
  let toldAt = Number.POSITIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait. But a terminal and npm both pass on one and the same interrupt.
      if (clock.monotonic() - toldAt > SAME_SIGNAL_MS) process.exit(EXIT_STOPPED);
      if (!stop.signal.aborted) toldAt = clock.monotonic();
      stop.abort();
    });
  }
  return stop.signal;
}

function endWithDefect(thrown: unknown): never {
  const error = pulseError(thrown);
  process.stderr.write(`pulse: ${error.message}\n${thrown instanceof Error ? thrown.stack : ''}\n`);
  process.exit(error.exit);
}
