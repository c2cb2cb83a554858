import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { PulseError } from '../domain/errors/errors.ts';
import type { Journal } from '../ports/journal.ts';
import { InputFaults } from './faults.ts';

/** Why a request was turned away, for `…_rejected_total`. */
export type Rejection =
  | 'host'
  | 'origin'
  | 'key'
  | 'scope'
  | 'rate'
  | 'route'
  | 'method'
  | 'input'
  | 'size'
  | 'protocol';

/** What the edge refuses by itself. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly reason: Rejection;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason: Rejection, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.reason = reason;
    this.headers = headers;
  }
}

/** What Fastify says when it cannot read a request, in our words. */
const UNREADABLE: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'send the body as application/json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty; send JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as its Content-Length says',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is no JSON, or has keys that are not allowed (__proto__, constructor)',
  FST_ERR_BAD_URL: 'the path holds a malformed %-encoding',
  FST_ERR_MAX_PARAM_LENGTH: 'a part of the path is too long',
};

interface Outcome {
  readonly status: number;
  readonly detail: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly reason?: Rejection;
}

const sizeOf = (status: number): Rejection => (status === 413 || status === 414 ? 'size' : 'input');

function ofPulse(error: PulseError): Outcome {
  const headers = { 'x-pulse-error': error.code, ...(error.status === 503 ? { 'retry-after': '1' } : {}) };
  // What is neither the caller's doing nor mended by waiting may name what callers need not know.
  return { status: error.status, detail: error.status === 500 ? 'internal error' : error.message, headers };
}

function outcome(error: unknown, bodyLimit: number | undefined): Outcome {
  if (error instanceof Refusal)
    return { status: error.status, detail: error.message, headers: error.headers, reason: error.reason };
  if (error instanceof InputFaults) return { status: 422, detail: error.faults, reason: 'input' };
  if (error instanceof PulseError) return ofPulse(error);
  const {
    statusCode = 500,
    code = '',
    name = '',
    message = '',
  } = error as Record<string, never> &
    Error & {
      statusCode?: number;
      code?: string;
    };
  // The parser of JSON says where it stopped.
  if (statusCode === 400 && name === 'SyntaxError')
    return { status: 400, detail: `the body is no JSON: ${message}`, reason: 'input' };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return { status: 413, detail: `the body is too large: more than ${bodyLimit} bytes`, reason: 'size' };
  if (statusCode >= 400 && statusCode < 500)
    return { status: statusCode, detail: UNREADABLE[code] ?? 'the request cannot be read', reason: sizeOf(statusCode) };
  return { status: 500, detail: 'internal error' };
}

export interface ErrorNeeds {
  readonly journal: Journal;
  rejected(reason: Rejection): void;
}

/** As proxies log what the client gave up. */
const CANCELLED = 499;
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Answers with what went wrong: `{"detail": …}`. Defects are journaled with their stack, which callers do not get. */
export function answerError(error: unknown, reply: FastifyReply, { journal, rejected }: ErrorNeeds): FastifyReply {
  // Ending the work of a client that gave up is no fault; nobody reads the answer.
  if (isAbort(error) && reply.raw.destroyed) return reply.code(CANCELLED).send();
  const { status, detail, headers = {}, reason } = outcome(error, reply.request.routeOptions?.bodyLimit);
  if (reason !== undefined) rejected(reason);
  if (status === 500) {
    const { method, routeOptions } = reply.request;
    const failed = error instanceof Error ? error : new Error(String(error));
    journal.event('error', 'request.failed', `${method} ${routeOptions?.url ?? ''} failed: ${failed.message}`, {
      ...(error instanceof PulseError ? { code: error.code, ...error.evidence } : {}),
      stack: failed.stack,
    });
  }
  return reply.code(status).headers(headers).send({ detail });
}

const SOCKET_ANSWERS: Readonly<Record<string, readonly [status: string, detail: string, reason: Rejection]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are too large', 'size'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request took too long to arrive', 'protocol'],
};
const UNPARSABLE = ['400 Bad Request', 'this is no HTTP request', 'protocol'] as const;

/** Answers what never became a request. */
export function answerSocket(error: NodeJS.ErrnoException, socket: Socket, rejected: ErrorNeeds['rejected']): void {
  // A client that went away is none that was refused.
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  // It was told already, and does not let go.
  if (socket.writableEnded) return void socket.destroy();
  const [status, detail, reason] = SOCKET_ANSWERS[error.code ?? ''] ?? UNPARSABLE;
  rejected(reason);
  const body = JSON.stringify({ detail });
  if (!socket.writable) return void socket.destroy();
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
