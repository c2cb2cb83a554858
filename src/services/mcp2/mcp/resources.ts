import {
  type McpServer,
  type ReadResourceResult,
  type Resource,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { ListedDocument } from '../../../domain/desk/document.ts';
import type { Trade } from '../../../domain/desk/trade.ts';
import { demand, type Report, refusal, refuseUnstorable } from './outcome.ts';
import { cursorOf, type Place, placeOf } from './resource-cursor.ts';
import { matching, recentSymbols } from './suggestions.ts';
import type { Call } from './tool.ts';
import { documentUri, tradeUri } from './uris.ts';

type CallFor = (signal: AbortSignal) => Call;

/** How many resources a page of the list holds. */
const PAGE = 50;
/** How many bars the resource of a symbol holds. */
const BARS = 500;

const mimeTypes = { markdown: 'text/markdown', text: 'text/plain', html: 'text/html' } as const;
const JSON_TYPE = 'application/json';

interface Template {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly uri: string;
  readonly variable: string;
  /** Absent: it depends on the resource. */
  readonly mimeType?: string;
  read(id: string, call: Call): Promise<{ text: string; mimeType: string }>;
  complete(call: Call): Promise<readonly string[]>;
}

const json = (value: unknown): { text: string; mimeType: string } => ({
  text: JSON.stringify(value),
  mimeType: JSON_TYPE,
});

const templates: readonly Template[] = [
  {
    name: 'document',
    title: 'Indexed document',
    description: 'The whole text of an indexed document',
    uri: 'pulse://documents/{id}',
    variable: 'id',
    async read(id, { desk }) {
      const { content, format } = await desk.documents.get(id);
      return { text: content, mimeType: mimeTypes[format] };
    },
    complete: async ({ desk }) => (await desk.documents.list(PAGE, 0)).map(({ id }) => id),
  },
  {
    name: 'trade',
    title: 'Trade payload',
    description: 'A stored trade payload, with when and from whom it came',
    uri: 'pulse://trades/{id}',
    variable: 'id',
    mimeType: JSON_TYPE,
    read: async (id, { desk }) => json(await desk.trades.fetch(id)),
    complete: async ({ desk }) => (await desk.trades.recent(PAGE, null)).map(({ id }) => id),
  },
  {
    name: 'bars',
    title: 'Price bars',
    description: `The newest ${BARS} bars of a symbol from the active source, oldest first`,
    uri: 'pulse://bars/{symbol}',
    variable: 'symbol',
    mimeType: JSON_TYPE,
    read: async (symbol, { desk }) => json(await desk.market.bars(symbol, BARS)),
    complete: recentSymbols,
  },
];

/** Adds the resources: documents and trades, which are listed in pages, and bars by symbol. */
export function addResources(server: McpServer, callFor: CallFor, report: Report): void {
  for (const template of templates) addTemplate(server, template, callFor, report);
  server.server.setRequestHandler('resources/list', async ({ params }, { mcpReq }) => {
    try {
      const call = callFor(mcpReq.signal);
      demand('read', 'the list of resources', call);
      return await page(placeOf(params?.cursor), call);
    } catch (error) {
      throw refusal('resources/list', null, error, report);
    }
  });
}

function addTemplate(server: McpServer, template: Template, callFor: CallFor, report: Report): void {
  const { name, title, description, uri, variable, mimeType, read, complete } = template;
  const suggest = async (begun: string): Promise<string[]> => {
    const call = callFor(new AbortController().signal);
    return call.caller.scopes.includes('read') ? matching(await complete(call), begun) : [];
  };
  server.registerResource(
    name,
    new ResourceTemplate(uri, { list: undefined, complete: { [variable]: suggest } }),
    { title, description, ...(mimeType !== undefined && { mimeType }) },
    async (url, variables, { mcpReq }: ServerContext): Promise<ReadResourceResult> => {
      try {
        const call = callFor(mcpReq.signal);
        demand('read', `the resource ${url.href}`, call);
        const id = decoded(String(variables[variable]));
        refuseUnstorable(id);
        return { contents: [{ uri: url.href, ...(await read(id, call)) }] };
      } catch (error) {
        throw refusal(`resource ${name}`, url.href, error, report);
      }
    },
  );
}

/** As it was before it was put into the address; what is no encoding stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Documents first, then trades. */
async function page(place: Place, { desk }: Call): Promise<{ resources: Resource[]; nextCursor?: string }> {
  if (place.of === 'documents') {
    const documents = await desk.documents.list(PAGE, place.offset);
    const next: Place =
      documents.length < PAGE ? { of: 'trades', before: null } : { of: 'documents', offset: place.offset + PAGE };
    return { resources: documents.map(documentResource), nextCursor: cursorOf(next) };
  }
  const trades = await desk.trades.recent(PAGE, place.before);
  const resources = trades.map(tradeResource);
  return trades.length < PAGE
    ? { resources }
    : { resources, nextCursor: cursorOf({ of: 'trades', before: trades.at(-1)!.id }) };
}

const documentResource = ({ id, title, format, indexed_at }: ListedDocument): Resource => ({
  uri: documentUri(id),
  name: id,
  title: title || id,
  mimeType: mimeTypes[format],
  annotations: { lastModified: indexed_at },
});

const tradeResource = ({ id, received_at, received_by }: Trade): Resource => ({
  uri: tradeUri(id),
  name: id,
  title: `Trade of ${received_at} from ${received_by}`,
  mimeType: JSON_TYPE,
  annotations: { lastModified: received_at },
});
