import { once } from 'node:events';
import { createServer } from 'node:net';
import { PulseError } from '../domain/errors/errors.ts';

/** Where somebody was to listen. */
export interface Where {
  readonly host: string;
  readonly port: number;
  /** The settings to correct, as errors name them: `--host (PULSE_HOST)`. */
  readonly settings: { readonly host: string; readonly port: string };
}

/** Why nobody can listen there, from the system's error: `host.port-in-use` or `host.address`. */
export function listenError(cause: Error & { readonly code?: string }, at: Where): PulseError {
  if (cause.code === 'EADDRINUSE') return new PulseError('host.port-in-use', { ...at }, { cause });
  return new PulseError('host.address', { ...at, reason: cause.message }, { cause });
}

/** `http://host:port`. */
export const addressText = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Whether the address can be listened on, for who has much to do before it listens. Rejects with `host.port-in-use` or `host.address`. */
export async function checkAddress({ host, port, settings }: Where): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (cause) {
    throw listenError(cause as Error, { host, port, settings });
  } finally {
    probe.close();
  }
}
