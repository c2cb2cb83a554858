import { createServer, type IncomingMessage } from 'node:http';

/** The two wire forms. */
export type EmbeddingForm = 'openai' | 'ollama';

/** How the next requests are answered, until told otherwise. `long`: texts over 2,000 characters are refused, and those that hold `word`. */
export type Behaviour =
  | { readonly kind: 'well' | 'shuffled' | 'silent' | 'short-list' | 'zeros' | 'hang-up' | 'wider' }
  | { readonly kind: 'long'; readonly word?: string }
  | { readonly kind: 'raw'; readonly status: number; readonly body: string; readonly headers?: Record<string, string> };

export interface EmbeddingServer {
  readonly url: string;
  readonly model: string;
  readonly key: string;
  /** Of each request that came, how many texts it had. */
  readonly batches: readonly number[];
  behave(behaviour: Behaviour): void;
  /** From now on it wants another key, or has another model. */
  refuse(what: 'key' | 'model'): void;
  /** Resolves once a request is there that is being ignored. */
  ignoring(): Promise<void>;
  stop(): Promise<void>;
  /** On the same port. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

export const DIMENSIONS = 64;
const MODEL = 'words-64';
const KEY = 'sk-loopback-secret';

/** A server on loopback that speaks the form of OpenAI or Ollama, and counts words into 64 places: texts that share words lie close. */
export async function startEmbeddingServer(form: EmbeddingForm): Promise<EmbeddingServer> {
  let behaviour: Behaviour = { kind: 'well' };
  let ignored = Promise.withResolvers<void>();
  const batches: number[] = [];
  const known = { key: KEY, model: MODEL };
  const server = createServer((request, response) => {
    // detached: a failure fails the test as an unhandled rejection
    void bodyOf(request).then((body) => {
      const texts = body.input as string[];
      batches.push(texts.length);
      if (behaviour.kind === 'silent') return ignored.resolve();
      if (behaviour.kind === 'hang-up') return void request.socket.destroy();
      const { status, json, headers } = answer(form, request, body, behaviour, known);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(json);
    });
  });
  let port = 0;
  const start = (): Promise<void> =>
    new Promise((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as { port: number }).port;
        resolve();
      });
    });
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}${form === 'openai' ? '/v1' : ''}`,
    model: MODEL,
    key: KEY,
    batches,
    behave(next) {
      behaviour = next;
      ignored = Promise.withResolvers();
    },
    refuse(what) {
      known[what] = 'another';
    },
    ignoring: () => ignored.promise,
    start,
    stop,
    dispose: stop,
  };
}

interface Known {
  readonly key: string;
  readonly model: string;
}

interface Answer {
  readonly status: number;
  readonly json: string;
  readonly headers?: Record<string, string>;
}

function answer(form: EmbeddingForm, request: IncomingMessage, body: Body, behaviour: Behaviour, known: Known): Answer {
  const refuse = (status: number, reason: string): Answer => ({
    status,
    json: JSON.stringify({ error: form === 'openai' ? { message: reason, type: 'invalid_request_error' } : reason }),
  });
  if (behaviour.kind === 'raw')
    return { status: behaviour.status, json: behaviour.body, ...(behaviour.headers && { headers: behaviour.headers }) };
  const { authorization = '' } = request.headers;
  if (request.url !== (form === 'openai' ? '/v1/embeddings' : '/api/embed')) return refuse(404, `no ${request.url}`);
  if (authorization !== `Bearer ${known.key}`) return refuse(401, `Incorrect API key provided: ${authorization}`);
  if (body.model !== known.model) return refuse(404, `model "${body.model}" not found`);
  if (body.input.some((text) => text === '' || !text.isWellFormed())) return refuse(400, 'input is invalid');
  const { word = '' } = behaviour.kind === 'long' ? behaviour : {};
  if (
    behaviour.kind === 'long' &&
    body.input.some((text) => text.length > 2_000 || (word !== '' && text.includes(word)))
  )
    return refuse(400, 'maximum context length is exceeded');
  let vectors = body.input.map((text) => counts(text, behaviour.kind === 'wider' ? DIMENSIONS * 2 : DIMENSIONS));
  if (behaviour.kind === 'short-list') vectors = vectors.slice(1);
  if (behaviour.kind === 'zeros') vectors = vectors.map((vector) => vector.map(() => 0));
  if (form === 'ollama') return { status: 200, json: JSON.stringify({ model: MODEL, embeddings: vectors }) };
  const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  if (behaviour.kind === 'shuffled') data.reverse();
  return {
    status: 200,
    json: JSON.stringify({ object: 'list', model: MODEL, data, usage: { prompt_tokens: 1, total_tokens: 1 } }),
  };
}

/** How often each word occurs, by a hash of the word; the first place is there for texts without one. */
function counts(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, (_, i) => (i === 0 ? 0.1 : 0));
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let hash = 7;
    for (const letter of word) hash = (hash * 31 + letter.codePointAt(0)!) % 65_521;
    vector[1 + (hash % (dimensions - 1))]! += 1;
  }
  return vector;
}

interface Body {
  readonly model: string;
  readonly input: readonly string[];
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as Body;
}
