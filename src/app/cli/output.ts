import { fileReason } from '../../adapters/file-reason.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Terminal } from '../host/terminal.ts';

/** What a command has to do with where its output goes. */
export interface Output {
  /** Aborts when the command has nobody left to work for. Never for a service, which does not work for its log. */
  readonly unread: AbortSignal;
  /** Resolves with the exit code of a command that has nobody left to work for. */
  readonly unreadCode: Promise<number>;
  /** To be called at the end. Throws `file.unwritable` where the output is a file that did not take the result. */
  check(): void;
}

/**
 * A service goes on when its log is not taken, and drains as always when it is told to: what it delivers is worth more than what it
 * prints, and its events go to their topic too. Any other command ends: its output is all that it is for.
 */
export function outputOf({ outFailed, err }: Terminal, service: boolean, told: AbortSignal): Output {
  const unreadCode = Promise.withResolvers<number>();
  outFailed.addEventListener('abort', () => {
    if (!service) unreadCode.resolve(0);
    // Ctrl-C ends `tee` too: that is no news.
    else if (!told.aborted)
      err(`pulse: standard output takes no more lines (${said(outFailed.reason)}); the service goes on\n`);
  });
  return {
    unread: service ? new AbortController().signal : outFailed,
    unreadCode: unreadCode.promise,
    check() {
      const { code } = (outFailed.reason ?? {}) as NodeJS.ErrnoException;
      if (!service && code !== undefined && code !== 'EPIPE')
        throw new PulseError('file.unwritable', { path: 'standard output', reason: said(outFailed.reason) });
    },
  };
}

const said = (error: unknown): string => fileReason(error, { EPIPE: 'nobody reads it' });
