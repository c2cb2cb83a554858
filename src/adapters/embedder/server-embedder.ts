import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { ServerFault } from './server-fault.ts';
import { unitVector } from './unit-vector.ts';

export interface ServerEmbedderOptions {
  readonly clock: Clock;
  /** For one request (default 30,000). */
  readonly timeoutMs?: number;
  /** Most texts in one request (default 32). */
  readonly batch?: number;
}

interface Server {
  readonly name: string;
  /** Left out of whatever it says. */
  readonly secret: string | null;
  /** One request: a list of numbers for each text, in order. Rejects with a ServerFault, or with whatever `signal` makes of it. */
  post(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>;
}

/** Some 8,000 tokens of English. Servers that take less say so, and get less. */
const MOST_CHARACTERS = 32_000;
/** A text so short that its length is not why it was refused. */
const SHORT = 500;

/** An embedder behind HTTP: texts in batches, one after the other. */
export function serverEmbedder(
  server: Server,
  { clock, timeoutMs = 30_000, batch = 32 }: ServerEmbedderOptions,
): Embedder {
  const { name, secret } = server;
  const closed = new AbortController();
  let dimensions: number | null = null;

  /** One request, given up after its time. */
  async function post(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const [done, late] = [new AbortController(), new AbortController()];
    const limit = clock.sleep(timeoutMs, done.signal).then(() => late.abort());
    try {
      const lists = await server.post(texts, AbortSignal.any([signal, late.signal, closed.signal]));
      if (lists.length !== texts.length)
        throw new ServerFault(`it answered ${lists.length} vectors for ${texts.length} texts`);
      return lists.map(vectorOf);
    } catch (error) {
      signal.throwIfAborted();
      if (closed.signal.aborted) throw new ServerFault('it is closed');
      if (late.signal.aborted) throw new ServerFault(`no answer within ${timeoutMs} ms`);
      throw error;
    } finally {
      done.abort();
      await limit;
    }
  }

  function vectorOf(list: readonly number[]): Float32Array {
    const vector = unitVector(list);
    if (vector === null) throw new ServerFault('it answered a vector that has no direction');
    dimensions ??= vector.length;
    if (vector.length !== dimensions)
      throw new PulseError('embedder.refused', {
        name,
        reason: `its vectors have ${vector.length} numbers where they had ${dimensions}: another model answers; restart with it named in EMBEDDER_MODEL`,
      });
    return vector;
  }

  /** Texts that are too long for the server cut off until they are not. */
  async function fitting(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    try {
      return await post(texts, signal);
    } catch (error) {
      const [text] = texts;
      if (!(error instanceof ServerFault && error.ofTexts)) throw error;
      if (texts.length > 1) return inBatches(texts, 1, signal);
      if (text!.length <= SHORT) throw error;
      return fitting([text!.slice(0, text!.length / 2).toWellFormed()], signal);
    }
  }

  async function inBatches(texts: readonly string[], size: number, signal: AbortSignal): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (let at = 0; at < texts.length; at += size)
      vectors.push(...(await fitting(texts.slice(at, at + size), signal)));
    return vectors;
  }

  const embed: Embedder['embed'] = async (texts, signal) => {
    signal.throwIfAborted();
    try {
      return await inBatches(texts.map(taken), batch, signal);
    } catch (error) {
      throw error instanceof ServerFault ? error.told(name, secret) : error;
    }
  };
  return {
    name,
    embed,
    dimensions: async (signal) => dimensions ?? (await embed(['length'], signal))[0]!.length,
    close: async () => closed.abort(),
  };
}

/** What a server can take: no half of a surrogate pair, which is no Unicode, and not nothing, which some refuse. */
const taken = (text: string): string => text.slice(0, MOST_CHARACTERS).toWellFormed() || ' ';
