import type { LogRecord } from '../../ports/record-log.ts';

/** Where the writer of a bar stood in the ticks: the next record to take. Travels as a header of every bar. */
export interface BuiltAt {
  readonly partition: number;
  readonly position: number;
}

export const BUILT_AT = 'at';
/** Older versions wrote it alone. */
export const CHECKPOINT = 'checkpoint';

/** Null where an older version wrote the bar and does not say. */
export function builtAt({ headers }: LogRecord): BuiltAt | null {
  const header = headers.get(BUILT_AT) ?? headers.get(CHECKPOINT);
  return header === undefined ? null : (JSON.parse(header.toString()) as BuiltAt);
}
