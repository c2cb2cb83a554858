import type { Complaint } from './oracle/evidence.ts';
import type { Wiring } from './services.ts';

/** A fault of the past, put back into how the parts are put together: the oracle must find it. */
export interface Canary {
  readonly about: string;
  readonly wiring: Wiring;
  /** What the oracle must say of it. */
  readonly finds: readonly Complaint['kind'][];
}

export const canaries: Readonly<Record<string, Canary>> = {};
