import type { KeyValue } from '../../ports/key-value.ts';

/** `redis`: the incumbent's bars; `kafka`: the candidate's. */
export type BarSource = 'redis' | 'kafka';

/** Which side readers of bars take them from. */
export interface BarSourceState {
  readonly source: BarSource;
  /** When and why it was switched; null where it never was. */
  readonly switched: { readonly at: string; readonly by: string; readonly reason: string | null } | null;
}

const KEY = 'pulse:bar-source';

/** What was switched last, or else what is configured. */
export async function readBarSource(keys: KeyValue, configured: BarSource): Promise<BarSourceState> {
  const text = await keys.get(KEY);
  return text === null ? { source: configured, switched: null } : (JSON.parse(text) as BarSourceState);
}

export const writeBarSource = (keys: KeyValue, state: BarSourceState): Promise<void> =>
  keys.set(KEY, JSON.stringify(state));
