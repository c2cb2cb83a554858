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
  'document.too-large': {
    retry: false,
    exit: 65,
    status: 413,
    cause: 'a document is larger than the limit',
    remedy: 'split it, or raise MCP2_DOCUMENT_MAX_BYTES',
    text: (e) => `${e.document} has ${e.bytes} bytes; MCP2_DOCUMENT_MAX_BYTES allows ${e.limit}`,
  },
  'document.empty': {
    retry: false,
    exit: 65,
    status: 400,
    cause: 'a document holds no text',
    remedy: 'give a document with at least one word; scripts, styles and navigation of HTML do not count',
    text: (e) => `${e.document} holds no text`,
  },
  'document.unreadable': {
    retry: false,
    exit: 65,
    status: 400,
    cause: 'reading a document takes too long or too much memory, as some texts are made to do',
    remedy: 'split it, or give it as plain text',
    text: (e) => `${e.document} cannot be read: ${e.reason}`,
  },
  'document.busy': {
    retry: true,
    exit: 69,
    cause: 'too many documents wait to be read',
    remedy: 'send documents one after the other',
    text: (e) => `${e.document} is not taken: documents of ${e.waiting} characters wait to be read already`,
  },
  'document.id': {
    retry: false,
    exit: 65,
    status: 400,
    cause: 'the id given for a document cannot stand in a URL, or is too long',
    remedy: 'use 1 to 128 of A–Z a–z 0–9 . _ ~ -, or leave it out',
    text: (e) => `${JSON.stringify(e.id)} is no id of a document: 1 to 128 of A–Z a–z 0–9 . _ ~ -`,
  },
  'document.file': {
    retry: false,
    exit: 66,
    cause: 'a file or folder to index is not there or cannot be read',
    remedy: 'correct the path, or its permissions',
    text: (e) => `cannot read ${e.path}: ${e.reason}`,
  },
  'mcp2.unreachable': {
    retry: true,
    exit: 69,
    cause: 'a command that works through mcp2 does not reach it',
    remedy: 'start it, or set MCP2_URL to where it listens',
    text: (e) => `cannot reach mcp2 at ${e.address}: ${e.reason}; start it, or set MCP2_URL to where it listens`,
  },
  'mcp2.refused': {
    retry: false,
    exit: 77,
    cause: 'mcp2 refused what a command asked of it',
    remedy: 'read the detail; for 401 and 403 set MCP2_CLIENT_KEY to a key with the scope that the command needs',
    text: (e) => {
      const keyed = e.status === 401 || e.status === 403;
      return `mcp2 at ${e.address} answers ${e.status}: ${e.detail}${keyed ? '; MCP2_CLIENT_KEY is the key that is shown to it' : ''}`;
    },
  },
  'embedder.unavailable': {
    retry: true,
    exit: 69,
    cause: 'the service that turns texts into vectors does not answer',
    remedy: 'check that it runs at the configured URL; until then searches use full text',
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
