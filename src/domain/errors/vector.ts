import type { ErrorList } from './spec.ts';

/** Errors of vector indexes. */
export const vectorErrors = {
  'vector.dimension': {
    retry: false,
    exit: null,
    cause: 'a vector has another length or name than the index was opened for, as where another model made it',
    remedy: 'embed everything again with one model, or open an index for the other one',
    text: (e) =>
      e.expected === null
        ? `the index has no vectors named ${JSON.stringify(e.name)}`
        : `a vector ${JSON.stringify(e.name)} has ${e.given} numbers where the index has ${e.expected}`,
  },
  'vector.invalid': {
    retry: false,
    exit: null,
    cause: 'a vector has no direction (all zeros), or a number of it or of its fields is not finite',
    remedy: 'find what made it: no text model gives such vectors',
    text: (e) => `${e.what} cannot be compared: ${e.reason}`,
  },
  'vector.full': {
    retry: false,
    exit: null,
    cause: 'the memory for vectors is full',
    remedy: 'raise VECTOR_MEMORY_MB, or use an engine that keeps vectors on disk',
    text: (e) => `${e.points} vectors do not fit into ${e.maxBytes} bytes`,
  },
} as const satisfies ErrorList;
