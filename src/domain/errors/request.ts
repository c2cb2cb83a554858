import type { ErrorList } from './spec.ts';

/** Errors of requests to the HTTP API and the MCP server. */
export const requestErrors = {
  'stream.empty': {
    retry: false,
    exit: null,
    status: 404,
    cause: 'the stream has no entry, or does not exist',
    remedy: 'name a stream that is being written to',
    text: (e) => `the stream ${JSON.stringify(e.stream)} is empty`,
  },
  'stream.other': {
    retry: false,
    exit: null,
    status: 400,
    cause: 'the name is that of a Redis key that is not a stream',
    remedy: 'name a stream',
    text: (e) => `${JSON.stringify(e.stream)} is a key of Redis, but no stream`,
  },
  'stream.no-payload': {
    retry: false,
    exit: null,
    status: 400,
    cause: 'the newest entry of the stream holds no strategy payload',
    remedy: 'write the payload as JSON into the field payload (or j) of the entry',
    text: (e) => `entry ${e.id} of ${JSON.stringify(e.stream)} holds no payload: ${e.reason}`,
  },
  'symbol.unknown': {
    retry: false,
    exit: 66,
    status: 404,
    cause: 'there are no bars of the symbol',
    remedy: 'use a symbol that the message names; symbols are written as in ticks.<SYMBOL>',
    text: (e) =>
      `there are no bars of ${JSON.stringify(e.symbol)}${e.known === '' ? '' : `; there are some of: ${e.known}`}`,
  },
  'request.scope': {
    retry: false,
    exit: null,
    status: 403,
    cause: 'the key of the caller does not allow what was asked',
    remedy: 'use a key with the scope that the message names, or add it to the key in MCP2_API_KEY',
    text: (e) => `${e.what} needs the scope ${e.scope}, which the key ${JSON.stringify(e.caller)} does not have`,
  },
  'request.cursor': {
    retry: false,
    exit: null,
    status: 400,
    cause: 'the cursor does not come from an answer',
    remedy: 'send the nextCursor of the previous page unchanged, or none to begin with the first page',
    text: (e) => `${JSON.stringify(e.cursor)} is no cursor of a page`,
  },
  'request.argument': {
    retry: false,
    exit: null,
    status: 400,
    cause: 'the arguments of a call do not fit together',
    remedy: 'give what the message names',
    text: (e) => `the arguments cannot be used: ${e.reason}`,
  },
} as const satisfies ErrorList;
