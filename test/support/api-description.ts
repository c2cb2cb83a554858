import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly operationId: string;
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
  };
}

export interface ApiDescription {
  readonly openapi: string;
  readonly info: { readonly title: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** Holds answers against the API description. */
export class Described {
  readonly #description: ApiDescription;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

  constructor(description: ApiDescription) {
    this.#description = description;
    this.#ajv.addSchema({ ...description, $id: 'api' });
  }

  /** What the description lacks, or the answer has wrong; empty where all is well. */
  faultsOf(method: string, path: string, status: number, type: string, body: unknown): string[] {
    const operation = this.#operationOf(method, path);
    const answer = operation?.responses[status];
    if (answer === undefined) return [`${method} ${path}: ${status} is not documented`];
    if (answer.content === undefined) return body === '' || body === null ? [] : [`${status} is to have no body`];
    const media = answer.content[type.split(';')[0]!];
    if (media === undefined) return [`${method} ${path}: ${status} as ${type} is not documented`];
    return this.#check(this.#compiled(media.schema), body);
  }

  /** Whether each example of a body fits its schema. */
  examples(): string[] {
    return Object.values(this.#description.paths).flatMap((operations) =>
      Object.values(operations).flatMap(({ operationId, requestBody }) => {
        const { schema, example } = requestBody?.content['application/json'] ?? {};
        if (schema === undefined) return [];
        return this.#check(this.#compiled(schema), example).map((fault) => `${operationId}: ${fault}`);
      }),
    );
  }

  #compiled(schema: object): ValidateFunction {
    const text = JSON.stringify(schema).replaceAll('"#/', '"api#/');
    return this.#ajv.compile(JSON.parse(text));
  }

  #check(fits: ValidateFunction, value: unknown): string[] {
    return fits(value) ? [] : (fits.errors ?? []).map((error: ErrorObject) => `${error.instancePath} ${error.message}`);
  }

  #operationOf(method: string, path: string): Operation | undefined {
    const { paths } = this.#description;
    const exact = paths[path];
    const pattern = Object.keys(paths).find((each) => new RegExp(`^${each.replace(/\{\w+\}/g, '[^/]+')}$`).test(path));
    return (exact ?? (pattern === undefined ? undefined : paths[pattern]))?.[method.toLowerCase()];
  }
}
