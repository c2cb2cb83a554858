import { systemClock } from '../adapters/clock/system.ts';
import { commands } from './cli/commands.ts';
import { runCommandLine } from './cli/run.ts';
import { processTerminal } from './cli/terminal.ts';
import { EXIT_SECOND_SIGNAL } from './exit-codes.ts';
import { pulseError } from './supervisor.ts';

const SAME_SIGNAL_MS = 1_000;

const clock = systemClock();
const stop = new AbortController();
let toldAt = Number.POSITIVE_INFINITY;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait. But a terminal and npm both pass on one and the same interrupt.
    if (clock.monotonic() - toldAt > SAME_SIGNAL_MS) process.exit(EXIT_SECOND_SIGNAL);
    if (!stop.signal.aborted) toldAt = clock.monotonic();
    stop.abort();
  });
}

// `pulse dlq list | head` closes the pipe: nobody reads on, so there is nothing left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const defect = (error: unknown): never => {
  process.stderr.write(`pulse: ${pulseError(error).message}\n${error instanceof Error ? error.stack : ''}\n`);
  process.exit(pulseError(error).exit);
};
process.on('uncaughtException', defect);
process.on('unhandledRejection', defect);

const code = await runCommandLine(process.argv.slice(2), commands, {
  env: process.env,
  folder: process.cwd(),
  terminal: processTerminal(process),
  signal: stop.signal,
});
// What an engine still holds open must not keep a process that is done.
process.exit(code);
