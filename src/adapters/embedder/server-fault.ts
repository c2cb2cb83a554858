import { PulseError } from '../../domain/errors/errors.ts';

/** Why a server gave no vectors. */
export class ServerFault extends Error {
  /** Of its answer; null where there was none. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;

  constructor(reason: string, status: number | null = null, retryAfterMs: number | null = null) {
    super(reason);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether it may be one of the texts that the server does not take: too long, mostly. */
  get ofTexts(): boolean {
    return this.status === 400 || this.status === 413 || this.status === 422;
  }

  /** As the port tells it, `secret` left out: servers quote the key that they refuse. */
  told(name: string, secret: string | null): PulseError {
    const reason = (secret ? this.message.replaceAll(secret, '[secret]') : this.message).slice(0, REASON);
    const { status, retryAfterMs } = this;
    // A model that is still loading, a proxy without its server and a limit pass; what else a server refuses stays refused.
    const passes =
      status === null || status < 400 || status === 408 || status === 425 || status === 429 || status >= 500;
    return new PulseError(passes ? 'embedder.unavailable' : 'embedder.refused', {
      name,
      reason,
      ...(status === null ? {} : { status }),
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    });
  }
}

const REASON = 300;
const LONGEST_MS = 3_600_000;

/** Milliseconds that a `retry-after` asks to wait, seconds or a date in it; null where it says neither. At most an hour. `now` in epoch milliseconds. */
export function retryAfterMs(header: string | null | undefined, now: number): number | null {
  if (header === null || header === undefined || header.trim() === '') return null;
  const ms = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(0, Math.ceil(ms)), LONGEST_MS);
}
