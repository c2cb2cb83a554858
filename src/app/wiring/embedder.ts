import { exactVectorIndex } from '../../adapters/vector-index/exact.ts';
import { PulseError } from '../../domain/errors/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder } from '../../ports/embedder.ts';
import { ChunkEmbedding } from '../../services/desk/documents/embedding.ts';
import { MeaningSearch, PASSAGE } from '../../services/desk/documents/meaning-search.ts';
import type { VectorSearch } from '../../services/desk/documents/vector-search.ts';
import { openDocumentVectors } from '../../stores/document-vectors.ts';
import type { CommandName } from '../config/setting.ts';
import type { Values } from '../config/settings.ts';
import type { Runtime } from '../host/runtime.ts';

export interface EmbedderConfig {
  readonly command: CommandName;
  readonly values: Pick<
    Values,
    'embedder' | 'embedderUrl' | 'embedderModel' | 'embedderApiKey' | 'embedderPath' | 'vectorMemoryMb'
  >;
}

const OLLAMA_URL = 'http://127.0.0.1:11434';

/** The configured embedder; null where none is. Rejects with `config.missing`, or with `embedder.refused` where the folder of a model lacks a file. */
export async function makeEmbedder(config: EmbedderConfig, clock: Clock): Promise<Embedder | null> {
  const { embedder, embedderUrl, embedderModel, embedderApiKey, embedderPath } = config.values;
  const needed = <T>(value: T | null, setting: string): T => {
    if (value !== null) return value;
    throw new PulseError('config.missing', { setting, command: config.command, about: `EMBEDDER is ${embedder}` });
  };
  switch (embedder) {
    case 'none':
      return null;
    case 'onnx':
      return (await import('../../adapters/embedder/onnx.ts')).onnxEmbedder({
        path: needed(embedderPath, 'EMBEDDER_PATH'),
      });
    case 'ollama':
      return (await import('../../adapters/embedder/ollama.ts')).ollamaEmbedder({
        url: embedderUrl ?? OLLAMA_URL,
        model: needed(embedderModel, 'EMBEDDER_MODEL'),
        apiKey: embedderApiKey,
        clock,
      });
    case 'openai-compatible':
      return (await import('../../adapters/embedder/openai-compatible.ts')).openAiEmbedder({
        url: needed(embedderUrl, 'EMBEDDER_URL'),
        model: needed(embedderModel, 'EMBEDDER_MODEL'),
        apiKey: embedderApiKey,
        clock,
      });
  }
}

/** What search by meaning needs of a command's runtime. */
export interface VectorRuntime extends Pick<Runtime, 'clock' | 'metrics'> {
  readonly config: EmbedderConfig;
  readonly engines: Pick<Runtime['engines'], 'database'>;
  readonly journals: Pick<Runtime['journals'], 'of'>;
}

/** The arm of document search that goes by meaning. */
export interface VectorArm {
  readonly search: VectorSearch;
  /** Reads what is stored and embeds what is missing, until `signal` aborts; for the `run` of a service. */
  run(signal: AbortSignal): Promise<void>;
  /** Says that documents were indexed by this process. */
  wake(): void;
  /** Why nothing is embedded at the moment, or null. */
  trouble(): string | null;
  figures(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Null where no embedder is configured. Rejects as `makeEmbedder`, and with `database.*`. `service` names the journal. */
export async function makeVectorArm(runtime: VectorRuntime, service: string): Promise<VectorArm | null> {
  const { config, engines, clock, metrics, journals } = runtime;
  const embedder = await makeEmbedder(config, clock);
  if (embedder === null) return null;
  const vectors = await openDocumentVectors(await engines.database(), embedder.name);
  const needs = { vectors, embedder, clock, metrics, journal: journals.of(service) };
  const hold = (dimensions: number, maxBytes: number) =>
    exactVectorIndex({ vectors: { [PASSAGE]: dimensions }, clock, maxBytes });
  const index = new MeaningSearch({ ...needs, hold }, { maxBytes: config.values.vectorMemoryMb * 1_048_576 });
  const embedding = new ChunkEmbedding(needs);
  return {
    search: index,
    run: async (signal) => void (await Promise.all([embedding.run(signal), index.load(signal)])),
    wake: () => embedding.wake(),
    trouble: () => embedding.trouble,
    figures: () => ({ vectors: index.held.vectors, ...embedding.figures() }),
    close: () => embedder.close(),
  };
}
