import { barErrors } from './bar.ts';
import { databaseErrors } from './database.ts';
import { deadLetterErrors } from './dead-letter.ts';
import { documentErrors } from './document.ts';
import { entryErrors } from './entry.ts';
import { feedErrors } from './feed.ts';
import { hostErrors } from './host.ts';
import { logErrors } from './log.ts';
import { modelErrors } from './model.ts';
import { parityErrors } from './parity.ts';
import { redisErrors } from './redis.ts';
import { requestErrors } from './request.ts';
import type { ErrorSpec, Evidence } from './spec.ts';
import { spoolErrors } from './spool.ts';
import { tickErrors } from './tick.ts';
import { tradeErrors } from './trade.ts';
import { usageErrors } from './usage.ts';
import { vectorErrors } from './vector.ts';

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
  ...vectorErrors,
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
