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
    cause: 'the name is that of a key of Redis which is no stream',
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
} as const satisfies ErrorList;
