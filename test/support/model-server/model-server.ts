import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises'; // ambient-ok: a real server takes real time
import type { Body, Said, WireForm } from './wire-form.ts';

/** What the server does with a call. */
export type Behaviour =
  /** Says `text`, after `delayMs` and not before `until`; with `tool` it calls a tool, with `cut` it was cut off. */
  | ({ readonly does: 'answer'; readonly delayMs?: number; readonly until?: Promise<void> } & Partial<Said>)
  /** A status with an error of the API, or with a page of HTML. */
  | {
      readonly does: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly html?: boolean;
      readonly message?: string;
    }
  /** Says that it failed, where it streams: at once, or after half of the answer. Not streamed it is a 500. */
  | { readonly does: 'failing'; readonly at: 'once' | 'half'; readonly message: string }
  /** `truncated`: half of the answer, and an orderly end; `broken`: half, and the connection is gone; `stuck`: half, and then nothing; `silent`: nothing at all; `page`: HTML with status 200; `garbled`: bytes that are not of the API. */
  | { readonly does: 'truncated' | 'broken' | 'stuck' | 'silent' | 'page' | 'garbled' };

export interface ModelServer {
  /** The base that adapters are given. */
  readonly url: string;
  /** What comes next, in order; without any the server answers with `ANSWER`. */
  script(...behaviours: readonly Behaviour[]): void;
  /** What holds for every call that no script is left for. */
  always(behaviour: Behaviour): void;
  /** Bodies of the calls that came. */
  readonly calls: Body[];
  /** Requests that have no answer yet. */
  open(): number;
  /** The most that were open at the same time. */
  peak(): number;
  dispose(): Promise<void>;
}

export const KEY = 'sk-test-4f9a1c77';
export const MODEL = 'claude-sonnet-4-5';
export const ANSWER = { signal: 'long EURUSD', risk: 'risk is 0.5 % of equity' };

/** A local server that speaks a provider's API: it has one model and takes one key. */
export async function startModelServer(form: WireForm, models: readonly string[] = [MODEL]): Promise<ModelServer> {
  let script: Behaviour[] = [];
  let otherwise: Behaviour = { does: 'answer' };
  const calls: Body[] = [];
  let [open, peak] = [0, 0];
  const server = createServer((request, response) => {
    open += 1;
    peak = Math.max(peak, open);
    response.on('close', () => {
      open -= 1;
    });
    // detached: a failure cuts the connection
    void serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const { pathname } = new URL(request.url!, 'http://server');
    const refuse = (status: number, message: string): void => json(response, status, form.error(status, message));
    if (form.key(request.headers) !== KEY) return refuse(401, `Incorrect API key: ${form.key(request.headers)}`);
    if (pathname !== form.path && pathname !== form.listPath) return refuse(404, 'no such path');
    if (pathname === form.path) {
      calls.push(body!);
      if (!models.includes(body!.model)) return refuse(404, `model ${body!.model} not found`);
      const wrong = form.fault(body!);
      if (wrong !== null) return refuse(400, wrong);
    }
    const behaviour = script.shift() ?? otherwise;
    if (pathname === form.listPath && behaviour.does === 'answer') return json(response, 200, form.list(models));
    await behave(response, form, body ?? { model: '' }, behaviour);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}${form.path.startsWith('/v1') ? '/v1' : ''}`,
    script: (...behaviours) => {
      script = [...behaviours];
    },
    always: (behaviour) => {
      otherwise = behaviour;
    },
    calls,
    open: () => open,
    peak: () => peak,
    async dispose() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function behave(response: ServerResponse, form: WireForm, body: Body, behaviour: Behaviour): Promise<void> {
  if (behaviour.does === 'silent') return;
  if (behaviour.does === 'status') {
    const { status, headers = {}, html = false, message = 'busy' } = behaviour;
    if (html) return page(response, status);
    return json(response, status, form.error(status, message), headers);
  }
  if (behaviour.does === 'page') return page(response, 200);
  if (behaviour.does === 'failing' && body.stream !== true)
    return json(response, 500, form.error(500, behaviour.message));
  const plain: Said = { text: JSON.stringify(ANSWER), tool: false, beside: false, cut: false };
  const said = behaviour.does === 'answer' ? { ...plain, ...behaviour } : plain;
  if (behaviour.does === 'answer') {
    await sleep(behaviour.delayMs ?? 0);
    await behaviour.until;
  }
  const type = body.stream === true ? form.streamType : 'application/json';
  const pieces = body.stream === true ? form.pieces(body, said) : halves(JSON.stringify(form.whole(body, said)));
  response.writeHead(200, { 'content-type': type });
  if (behaviour.does === 'garbled') return void response.end('data: {"choices": oh\n\n{"message": no\n');
  if (behaviour.does === 'answer') {
    for (const piece of pieces) response.write(piece);
    return void response.end();
  }
  const begun = behaviour.does === 'failing' && behaviour.at === 'once' ? 0 : pieces.length / 2;
  for (const piece of pieces.slice(0, begun)) await written(response, piece);
  if (behaviour.does === 'failing') response.end(form.failure(behaviour.message));
  if (behaviour.does === 'truncated') response.end();
  if (behaviour.does === 'broken') response.destroy();
}

const halves = (text: string): string[] => [text.slice(0, text.length / 2), text.slice(text.length / 2)];

/** On the wire: what is destroyed before is never seen. */
const written = (response: ServerResponse, piece: string): Promise<void> =>
  new Promise((resolve) => response.write(piece, () => resolve()));

function json(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

function page(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/html' });
  response.end('<html><body><h1>Service unavailable</h1></body></html>');
}

async function bodyOf(request: IncomingMessage): Promise<Body | null> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? null : (JSON.parse(Buffer.concat(parts).toString('utf8')) as Body);
}
