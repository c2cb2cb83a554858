import type { ErrorList } from './spec.ts';

/** Errors of documents and their search. */
export const documentErrors = {
  'document.none': {
    retry: false,
    exit: 66,
    status: 404,
    cause: 'no document has the id',
    remedy: 'use an id that a search, or `POST /documents`, answered with',
    text: (e) => `there is no document ${JSON.stringify(e.id)}`,
  },
  'embedder.unavailable': {
    retry: true,
    exit: 69,
    cause: 'the service that turns texts into vectors does not answer',
    remedy: 'see that it runs at the configured URL; searches go by full text until then',
    text: (e) => `the embedder ${e.name} does not answer: ${e.reason}`,
  },
  'embedder.refused': {
    retry: false,
    exit: 77,
    cause: 'the embedder refused the key, does not know the model, or its files cannot be used',
    remedy: 'correct the EMBEDDER variables that the message names',
    text: (e) => `the embedder ${e.name} refused: ${e.reason}`,
  },
} as const satisfies ErrorList;
