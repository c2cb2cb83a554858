import { systemClock } from '../../src/adapters/clock/system.ts';
import { ollamaEmbedder } from '../../src/adapters/embedder/ollama.ts';
import { onnxEmbedder } from '../../src/adapters/embedder/onnx.ts';
import { openAiEmbedder } from '../../src/adapters/embedder/openai-compatible.ts';
import type { Embedder } from '../../src/ports/embedder.ts';
import { embeddingModel, embeddingModelAvailable } from '../support/embedding-model.ts';
import { type EmbeddingForm, type EmbeddingServer, startEmbeddingServer } from '../support/embedding-server.ts';
import type { Adapter } from './adapter.ts';
import { runContract, type Waiver } from './contract.ts';
import { embedderContract } from './embedder.contract.ts';

const clock = systemClock();

/** An adapter for a server, on a server of its own. */
const onServer = (form: EmbeddingForm, make: (server: EmbeddingServer) => Embedder): Adapter<Embedder> => ({
  available: async () => null,
  open: async () => {
    const server = await startEmbeddingServer(form);
    const subject = make(server);
    const raw = (status: number, body: string, headers?: Record<string, string>) => async (): Promise<void> =>
      server.behave({ kind: 'raw', status, body, ...(headers && { headers }) });
    const hourAgo = new Date(clock.now() - 3_600_000).toUTCString();
    const behave =
      (kind: Exclude<Parameters<EmbeddingServer['behave']>[0]['kind'], 'raw'>) => async (): Promise<void> =>
        server.behave({ kind });
    return {
      subject,
      faults: {
        'server stop': server.stop,
        'server start': server.start,
        works: behave('well'),
        'hangs up': behave('hang-up'),
        'answers nothing': behave('silent'),
        ...(form === 'openai' && { 'answers in another order': behave('shuffled') }),
        'takes 2,000 characters': behave('long'),
        'answers with a vector too few': behave('short-list'),
        'answers with vectors of zeros': behave('zeros'),
        'answers with longer vectors': behave('wider'),
        'answers with no JSON': raw(200, '<html>starting</html>'),
        'answers with another form': raw(200, '{"vectors":[]}'),
        'answers with texts for numbers': raw(
          200,
          form === 'openai' ? '{"data":[{"index":0,"embedding":["a"]}]}' : '{"embeddings":[["a"]]}',
        ),
        'fails with 500': raw(500, 'Internal Server Error'),
        'limits for 7 s': raw(429, '{"error":{"message":"too many requests"}}', { 'retry-after': '7' }),
        'limits until a date an hour ago': raw(429, 'slow down', { 'retry-after': hourAgo }),
        'wants another key': async () => server.refuse('key'),
        'lacks the model': async () => server.refuse('model'),
      },
      dispose: async () => {
        await subject.close();
        await server.dispose();
      },
    };
  },
});

/** Long enough for the slowest answer here, and not long to wait for none. */
const timeoutMs = 3_000;

const onnx: Adapter<Embedder> = {
  available: embeddingModelAvailable,
  open: async () => {
    const subject = await onnxEmbedder({ path: await embeddingModel() });
    return { subject, dispose: () => subject.close() };
  },
};

/** There is nobody who could do so. */
const noServer = (fault: string): Waiver => ({
  reason: 'it runs in this process: there is no server',
  fails: `the adapter offers no fault "${fault}"`,
});

runContract(
  embedderContract,
  {
    'openai-compatible': onServer('openai', ({ url, model, key }) =>
      openAiEmbedder({ url, model, apiKey: key, clock, timeoutMs }),
    ),
    ollama: onServer('ollama', ({ url, model, key }) => ollamaEmbedder({ url, model, apiKey: key, clock, timeoutMs })),
    onnx,
  },
  {
    waive: {
      'onnx: cuts a text off further where the server finds it too long still, and leaves those beside it whole':
        noServer('takes 2,000 characters'),
      'onnx: keeps the order where the server answers in another': noServer('answers in another order'),
      'onnx: says that it is limited, and for how long the server says so': noServer('limits for 7 s'),
      'onnx: is unavailable while the server fails, and works again once it does not': noServer('fails with 500'),
      'onnx: is unavailable while the server is away, and works again once it is back': noServer('server stop'),
      'onnx: never takes a malformed answer for vectors': noServer('answers with no JSON'),
      'onnx: refuses to go on where another model answers all of a sudden': noServer('answers with longer vectors'),
      'onnx: says that a key is refused, without the key': noServer('wants another key'),
      'onnx: says that the server does not have the model': noServer('lacks the model'),
      'onnx: gives up on a server that does not answer in time': noServer('answers nothing'),
      'ollama: keeps the order where the server answers in another': {
        reason: 'its answers number nothing: their order is all there is',
        fails: 'the adapter offers no fault "answers in another order"',
      },
    },
  },
);
