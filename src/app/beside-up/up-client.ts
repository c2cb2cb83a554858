import { PulseError } from '../../domain/errors/errors.ts';
import { runningIn } from '../host/data-dir.ts';
import type { Runtime } from '../host/runtime.ts';

/** Asks a running `pulse up`. Rejects with `host.up-unreachable`. */
export type AskUp = <T>(path: string, body?: unknown) => Promise<T>;

/** How to ask the `pulse up` that holds the embedded database of this command; null where the command opens a database itself. */
export async function askUp({ config, engines }: Pick<Runtime, 'config' | 'engines'>): Promise<AskUp | null> {
  const { dataDir, apiKey } = config.values;
  const running = engines.kind.database === 'embedded' ? await runningIn(dataDir) : null;
  if (running?.address == null || running.pid === process.pid) return null;
  const { address } = running;
  return async <T>(path: string, body?: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(apiKey !== null && { 'x-api-key': apiKey }) };
    const response = await fetch(`${address}${path}`, {
      headers,
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new PulseError('host.up-unreachable', { address, reason: (cause as Error).message }, { cause });
    });
    if (!response.ok) throw new PulseError('host.up-unreachable', { address, reason: `it answers ${response.status}` });
    return (await response.json()) as T;
  };
}
