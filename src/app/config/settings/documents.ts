import { settingsOf } from '../setting.ts';
import { int, text, url } from '../value-type.ts';

const setting = settingsOf('Documents');

export const documentSettings = {
  documentMaxBytes: setting({
    env: 'MCP2_DOCUMENT_MAX_BYTES',
    flag: '--document-max-bytes',
    type: int({ min: 1_024, max: 16 * 1_024 * 1_024 }),
    default: 2 * 1_024 * 1_024,
    about: 'maximum size of a document in bytes; larger ones are refused',
    services: ['up', 'mcp2', 'mcp', 'docs'],
  }),
  mcp2Url: setting({
    env: 'MCP2_URL',
    flag: '--mcp2-url',
    type: url('http', 'https'),
    otherwise: 'the mcp2 of a `pulse up` that runs in the data directory, else the engines of the command',
    about: 'URL of the mcp2 that the command uses',
    services: ['docs', 'mcp'],
  }),
  mcp2ClientKey: setting({
    env: 'MCP2_CLIENT_KEY',
    flag: '--mcp2-client-key',
    type: text('<key>', /^[\x21-\x7e]+$/, 'printable characters without spaces'),
    secret: true,
    otherwise: 'none',
    about: 'key that the command sends to that mcp2',
    services: ['docs', 'mcp'],
  }),
  baseUrl: setting({
    flag: '--base-url',
    type: url('http', 'https'),
    otherwise: 'none: documents are read at mcp2, and named by their paths',
    about:
      'where readers find the files; this URL with the path from the working directory is the url of each document, and identifies it',
    services: ['docs'],
  }),
};
