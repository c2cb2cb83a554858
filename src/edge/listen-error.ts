import { PulseError } from '../domain/errors/errors.ts';

/** Where somebody was to listen. */
export interface Where {
  readonly host: string;
  readonly port: number;
  /** What listens; absent: the process. An error names its settings. */
  readonly of?: 'mcp2' | undefined;
}

/** Why nobody can listen there, from the system's error: `host.port-in-use` or `host.address`. */
export function listenError(cause: Error & { readonly code?: string }, at: Where): PulseError {
  if (cause.code === 'EADDRINUSE') return new PulseError('host.port-in-use', { ...at }, { cause });
  return new PulseError('host.address', { ...at, reason: cause.message }, { cause });
}

/** `http://host:port`. */
export const addressText = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
