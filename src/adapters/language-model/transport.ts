import type { PulseError } from '../../domain/errors/errors.ts';
import { boundedBody, startOf } from './bounded-body.ts';
import { fault, type Target } from './provider.ts';
import { retryAfterMs } from './retry-after.ts';

/** The requests of one call to a provider. What goes wrong with them is named here, where status and headers can still be seen. */
export interface Transport {
  readonly fetch: typeof fetch;
  /** What went wrong first, or null; libraries wrap it in errors of their own. */
  failure(): PulseError | null;
  /** Says what is wrong with a body that was read after all; gives it back. */
  fail(error: PulseError): PulseError;
}

const READABLE = /json|event-stream|text\/plain/i;

/** Requests for `target` that end with `signal`; of an answer at most `maxBytes` are read. */
export function transport(target: Target, signal: AbortSignal, maxBytes: number): Transport {
  let failed: PulseError | null = null;
  const fail = (error: PulseError): PulseError => {
    failed ??= error;
    return error;
  };
  return {
    failure: () => failed,
    fail,
    async fetch(input, init) {
      const both = init?.signal ? AbortSignal.any([signal, init.signal]) : signal;
      // A redirect could carry the key to another host.
      const response = await fetch(input, { ...init, signal: both, redirect: 'manual' }).catch((error: unknown) => {
        throw both.aborted ? error : fail(fault(target, 'model.unavailable', `no connection: ${networkReason(error)}`));
      });
      if (!response.ok) throw fail(await refusal(target, response));
      const type = response.headers.get('content-type');
      if (type !== null && !READABLE.test(type)) {
        await response.body?.cancel();
        throw fail(fault(target, 'model.answer', `it is of type ${type}`));
      }
      return withBody(
        response,
        boundedBody(response, maxBytes, {
          tooLarge: () => fail(fault(target, 'model.answer', `it is longer than ${maxBytes} bytes`)),
          brokenOff: (error) => {
            if (!both.aborted)
              fail(fault(target, 'model.unavailable', `it broke off: ${networkReason(error)}`, { begun: true }));
          },
        }),
      );
    },
  };
}

/** The body is decoded already: what the headers say of its coding and length is no longer so. */
function withBody({ status, statusText, headers }: Response, body: ReadableStream<Uint8Array> | null): Response {
  const kept = new Headers(headers);
  kept.delete('content-encoding');
  kept.delete('content-length');
  return new Response(body, { status, statusText, headers: kept });
}

/** Why undici gave up: `ECONNREFUSED`, `UND_ERR_SOCKET`. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string') return code;
  return cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
}

const TOO_MANY = 429;
const OTHERWISE_RETRYABLE = [408, 409, 425];

async function refusal(target: Target, response: Response): Promise<PulseError> {
  const { status } = response;
  const said = await messageOf(response);
  const wait = retryAfterMs(response.headers, target.clock.now());
  const more = { status, ...(wait !== undefined && { retryAfterMs: wait }) };
  // Some providers quote the key, or half of it.
  const reason = said === null || status === 401 || status === 403 ? `status ${status}` : `status ${status}, ${said}`;
  if (status === TOO_MANY) return fault(target, 'model.rate-limited', reason, more);
  return status >= 500 || OTHERWISE_RETRYABLE.includes(status)
    ? fault(target, 'model.unavailable', reason, more)
    : fault(target, 'model.refused', reason, { status });
}

/** What the provider says of the error, in the forms of OpenAI and Anthropic (`error.message`) and Ollama (`error`). */
async function messageOf(response: Response): Promise<string | null> {
  const text = await startOf(response);
  if (!/json/i.test(response.headers.get('content-type') ?? '')) return null;
  try {
    const { error } = JSON.parse(text) as { error?: string | { message?: unknown } };
    const message = typeof error === 'object' ? error?.message : error;
    return typeof message === 'string' ? message : null;
  } catch {
    // No JSON after all: the status says enough.
    return null;
  }
}
