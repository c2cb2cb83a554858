import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import { PulseError } from '../../../domain/errors/errors.ts';
import { Refusal } from '../../../edge/refusals.ts';
import { unstorable } from '../../../edge/unstorable.ts';
import type { Scope } from '../../../ports/caller.ts';
import type { Call } from './tool.ts';

/** Tells whoever keeps the server of a fault that the caller is not told of. */
export type Report = (what: string, error: unknown) => void;

/** Key of `_meta` under which a failed call says what failed, for machines. It is not structuredContent: older clients check that against the schema of success. */
export const ERROR_META = 'pulse/error';

/** Both forms in which clients look for the answer. */
export const answered = (output: Readonly<Record<string, unknown>>): CallToolResult => ({
  content: [{ type: 'text', text: JSON.stringify(output) }],
  structuredContent: output,
});

/** The failure as a result, so that the model reads it and can do better. */
export function failed(what: string, error: unknown, report: Report): CallToolResult {
  const { message, ...structured } = failureOf(what, error, report);
  return { isError: true, content: [{ type: 'text', text: message }], _meta: { [ERROR_META]: structured } };
}

/** The failure of a resource or a prompt, which have no results for it. */
export function refusal(what: string, uri: string | null, error: unknown, report: Report): Error {
  if (uri !== null && error instanceof PulseError && error.status === 404)
    return new ResourceNotFoundError(uri, error.message);
  const { message, ...structured } = failureOf(what, error, report);
  const code = structured.status < 500 ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, message, structured);
}

const UNEXPECTED = 'an unexpected fault; the log of the server says more';

interface ToolFailure {
  readonly message: string;
  readonly code: string;
  readonly status: number;
  /** Whether the same call can succeed later. */
  readonly retry: boolean;
}

function failureOf(what: string, error: unknown, report: Report): ToolFailure {
  if (error instanceof PulseError) {
    const { message, code, status, retry } = error;
    if (status >= 500) report(what, error);
    // As over HTTP: what is neither the caller's doing nor mended by waiting may name what callers need not know.
    return { message: status === 500 ? UNEXPECTED : message, code, status, retry };
  }
  if (error instanceof Refusal) {
    const { message, reason, status } = error;
    return { message, code: `request.${reason}`, status, retry: status === 429 };
  }
  // What a defect says of itself may hold paths and values that are nobody's business.
  report(what, error);
  return {
    message: UNEXPECTED,
    code: 'host.unexpected',
    status: 500,
    retry: false,
  };
}

/** The status with which HTTP would tell it. */
export const statusOf = (error: unknown): number =>
  error instanceof PulseError || error instanceof Refusal ? error.status : 500;

/** Throws `request.scope` where the caller's key does not allow it. */
export function demand(scope: Scope, what: string, { caller }: Pick<Call, 'caller'>): void {
  if (!caller.scopes.includes(scope)) throw new PulseError('request.scope', { what, scope, caller: caller.name });
}

/** Throws `request.argument` where the arguments hold what no engine can keep, as HTTP refuses it: NUL, half of a surrogate pair, numbers beyond all bounds. */
export function refuseUnstorable(args: unknown): void {
  const [fault] = unstorable(args, []);
  if (fault !== undefined) throw new PulseError('request.argument', { reason: `${fault.loc.join('.')} ${fault.msg}` });
}
