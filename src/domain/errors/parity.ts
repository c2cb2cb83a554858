import type { ErrorList } from './spec.ts';

/** Errors of reconciliation. */
export const parityErrors = {} as const satisfies ErrorList;
