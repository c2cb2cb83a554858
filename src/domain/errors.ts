import { barErrors } from './errors/bar.ts';
import { databaseErrors } from './errors/database.ts';
import { deadLetterErrors } from './errors/dead-letter.ts';
import { documentErrors } from './errors/document.ts';
import { entryErrors } from './errors/entry.ts';
import { feedErrors } from './errors/feed.ts';
import { hostErrors } from './errors/host.ts';
import { logErrors } from './errors/log.ts';
import { modelErrors } from './errors/model.ts';
import { parityErrors } from './errors/parity.ts';
import { redisErrors } from './errors/redis.ts';
import { requestErrors } from './errors/request.ts';
import type { ErrorSpec, Evidence } from './errors/spec.ts';
import { spoolErrors } from './errors/spool.ts';
import { tickErrors } from './errors/tick.ts';
import { tradeErrors } from './errors/trade.ts';
import { usageErrors } from './errors/usage.ts';

/** Every error that Pulse can name. `docs/errors.md` is made from it and checked against it. */
export const errors = {
  ...usageErrors,
  ...hostErrors,
  ...deadLetterErrors,
  ...tickErrors,
  ...barErrors,
  ...parityErrors,
  ...feedErrors,
  ...logErrors,
  ...redisErrors,
  ...spoolErrors,
  ...databaseErrors,
  ...entryErrors,
  ...requestErrors,
  ...tradeErrors,
  ...modelErrors,
  ...documentErrors,
} as const;

export type ErrorCode = keyof typeof errors;

/** An error from the closed list: `code` for machines, `message` for people. */
export class PulseError extends Error {
  override readonly name = 'PulseError';
  readonly code: ErrorCode;
  readonly evidence: Evidence;

  constructor(code: ErrorCode, evidence: Evidence = {}, options?: ErrorOptions & { readonly message?: string }) {
    super(options?.message ?? (errors[code] as ErrorSpec).text(evidence), options);
    this.code = code;
    this.evidence = evidence;
  }

  /** One that another process told of: its evidence stayed there. */
  static told(code: ErrorCode, message: string): PulseError {
    return new PulseError(code, {}, { message });
  }

  /** Whether trying again can help. */
  get retry(): boolean {
    return errors[this.code].retry;
  }

  /** The HTTP status that tells it to the caller whose request brought it about. */
  get status(): number {
    return (errors[this.code] as ErrorSpec).status ?? (this.retry ? 503 : 500);
  }

  /** The exit code with which this ends a process; 70 for an error that should never have got that far. */
  get exit(): number {
    return (errors[this.code] as ErrorSpec).exit ?? 70;
  }
}
