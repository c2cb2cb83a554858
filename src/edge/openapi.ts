import { z } from 'zod';
import type { Answer, Endpoint } from './endpoint.ts';
import { answerSchemas, requestSchemas } from './named-schemas.ts';

type Json = Readonly<Record<string, unknown>>;
type Named = typeof answerSchemas;

const refTo = (id: string): string => `#/components/schemas/${id}`;

/** A schema by its name: bodies are named, so that the description says each once. */
function schemaOf(schema: z.ZodType, named: Named): Json {
  const id = named.get(schema)?.id;
  if (id === undefined) throw new Error('a body in the API description has no name');
  return { $ref: refTo(id) };
}

/** Inside an API description the dialect is given, and the name is the key. */
const plain = ({ $schema: _dialect, $id: _name, id: _key, ...schema }: Json): Json => schema;

const componentsOf = (named: Named, io: 'input' | 'output'): [string, Json][] =>
  Object.entries(z.toJSONSchema(named, { io, uri: refTo }).schemas).map(([name, schema]) => [
    name,
    plain(schema as Json),
  ]);

/** The fields of an object schema as parameters. */
function parametersOf(place: 'path' | 'query' | 'header', schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name: place === 'header' ? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()) : name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

const PROBLEM = { 'application/json': { schema: { $ref: refTo('Problem') } } };

/** What may go wrong, and when; the text of a status may be made closer by a route. */
const FAILURES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read: malformed path, Host header or JSON',
  401: 'No API key was sent, or an unknown one',
  403: 'The key lacks the scope; or the host or origin is not allowed',
  404: 'There is nothing of that name',
  405: 'The path does not allow the method; Allow names those that it does',
  408: 'The request took too long to arrive',
  409: 'It contradicts an earlier request',
  413: 'The body is too large',
  414: 'A part of the path is too long',
  415: 'The body is not application/json',
  422: 'The request does not fit; `detail` lists each fault with its place',
  429: 'Too many requests; Retry-After says for how many seconds to wait',
  431: 'The headers are too large',
  500: 'A defect; the log of the service has more',
  503: 'An engine is away; try again',
};

const HEADERS: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' } } },
  405: { Allow: { schema: { type: 'string' } } },
  429: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds' } },
};

function failure(status: number, description = FAILURES[status]!): Json {
  const content = status === 422 ? { 'application/json': { schema: { $ref: refTo('Faults') } } } : PROBLEM;
  return { description, ...(HEADERS[status] && { headers: HEADERS[status] }), content };
}

/** The statuses that follow from what a route is. */
function failuresOf({ access, limit, params, query, headers, body, failures = {} }: Endpoint): number[] {
  const input = params ?? query ?? headers ?? body;
  return [
    ...[400, 403, 405, 408, 431, 500],
    ...(access === 'everybody' ? [] : [401, 429]),
    ...(limit === 'none' ? [] : [503]),
    ...(input === undefined ? [] : [422]),
    ...(params === undefined ? [] : [404, 414]),
    ...(body === undefined ? [] : [413, 415]),
    ...Object.keys(failures).map(Number),
  ];
}

function success({ about, type = 'application/json', schema, example, headers }: Answer): Json {
  const described = schema === undefined ? { type: 'string' } : schemaOf(schema, answerSchemas);
  return {
    description: about,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
      ),
    }),
    ...((schema !== undefined || type !== 'application/json') && {
      content: { [type]: { schema: described, ...(example !== undefined && { example }) } },
    }),
  };
}

function operation(declared: Endpoint): Json {
  const { method, path, tag, summary, about, access, params, query, headers, body, answers, failures } = declared;
  const documented = declared.documentedBody ?? body;
  const responses = Object.fromEntries([
    ...failuresOf(declared).map((status) => [status, failure(status, failures?.[status])]),
    ...Object.entries(answers).map(([status, answer]) => [status, success(answer)]),
  ]);
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z]+([A-Za-z])?/g, (_, letter = '') => letter.toUpperCase())}`,
    tags: [tag],
    summary,
    ...(about !== undefined && { description: about }),
    parameters: [...parametersOf('path', params), ...parametersOf('query', query), ...parametersOf('header', headers)],
    ...(documented && {
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemaOf(documented, requestSchemas),
            ...(declared.bodyExample !== undefined && { example: declared.bodyExample }),
          },
        },
      },
    }),
    responses,
    security: access === 'everybody' ? [] : [{ apiKey: [] }, { bearer: [] }],
    ...(access !== 'everybody' && { 'x-scope': access }),
  };
}

/** What the description of an API says beside its endpoints. */
export interface ApiFacts {
  readonly title: string;
  readonly about: string;
  readonly version: string;
  /** Groups of endpoints, in the order in which they are shown. */
  readonly tags: readonly string[];
}

/** The API in the form of OpenAPI 3.1. */
export function apiDescription(
  endpoints: readonly Endpoint[],
  { title, about, version, tags }: ApiFacts,
  publicUrl: string | null,
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const each of endpoints)
    (paths[each.path.replace(/:(\w+)/g, '{$1}')] ??= {})[each.method.toLowerCase()] = operation(each);
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: about,
    },
    servers: [{ url: publicUrl ?? '/' }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...componentsOf(requestSchemas, 'input'), ...componentsOf(answerSchemas, 'output')]),
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer', description: 'The same keys' },
      },
    },
  };
}
