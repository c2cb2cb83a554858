const HTTP = ['src/edge/', 'src/services/mcp2/http/', 'src/services/mcp2/mcp/http.ts'];
const OUTSIDE = ['src/adapters/', 'src/app/'];
const KAFKA = ['src/adapters/record-log/', 'src/adapters/checkup/kafka.ts', 'src/adapters/namespace/cleanup.ts'];
const LMDB = [
  'src/adapters/record-log/',
  'src/adapters/key-value/',
  'src/adapters/spool/',
  'src/adapters/lmdb-folder.ts',
];
const REDIS = ['src/adapters/redis/', 'src/adapters/entry-stream/', 'src/adapters/checkup/redis.ts'];

/**
 * Every package and every module of Node that code in `src/` may import, and the rooms that may: paths that end with `/` are folders.
 * What is not named here is imported nowhere. `import type` counts.
 */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  // Engines: their hazards are handled in their adapters and nowhere else.
  '@electric-sql/pglite': ['src/adapters/database/'],
  '@platformatic/kafka': KAFKA,
  lmdb: LMDB,
  pg: ['src/adapters/database/', 'src/adapters/checkup/postgres.ts'],
  redis: REDIS,
  'prom-client': ['src/adapters/metrics/'],
  // Models.
  '@ai-sdk/anthropic': ['src/adapters/language-model/'],
  '@ai-sdk/openai-compatible': ['src/adapters/language-model/', 'src/adapters/embedder/'],
  ai: ['src/adapters/embedder/'],
  'ai-sdk-ollama': ['src/adapters/language-model/'],
  '@huggingface/tokenizers': ['src/adapters/embedder/'],
  'onnxruntime-web': ['src/adapters/embedder/'],
  // Files and documents.
  htmlparser2: ['src/adapters/document-reader/'],
  marked: ['src/adapters/document-reader/'],
  'hyparquet-writer': ['src/adapters/row-file/'],
  yaml: ['src/app/config/'],
  // Faces.
  '@modelcontextprotocol/server': ['src/services/mcp2/mcp/', 'src/app/cli/mcp-stdio.ts'],
  '@scalar/fastify-api-reference': ['src/edge/api-reference.ts'],
  fastify: HTTP,
  commander: ['src/app/cli/'],
  pino: ['src/app/host/'],
  // Reckoning: pure, without I/O.
  croner: ['src/services/reconcile/', 'src/app/config/'],
  zod: ['src/domain/', 'src/edge/', 'src/services/', 'src/adapters/', 'src/app/'],
  // Node.
  'node:child_process': ['src/adapters/database/'],
  'node:crypto': ['src/edge/', 'src/services/desk/', ...OUTSIDE],
  'node:events': ['src/edge/listen-error.ts', 'src/adapters/'],
  'node:fs': OUTSIDE,
  'node:net': ['src/edge/', 'src/adapters/'],
  'node:os': OUTSIDE,
  'node:path': OUTSIDE,
  'node:perf_hooks': ['src/adapters/clock/'],
  'node:timers': OUTSIDE,
  'node:tls': ['src/adapters/'],
  'node:url': OUTSIDE,
  'node:util': ['src/stores/enrichment-states.ts'],
  'node:v8': ['src/adapters/database/'],
  'node:worker_threads': ['src/adapters/'],
  'node:zlib': ['src/stores/enrichment-states.ts', ...OUTSIDE],
};

/** `@scope/name/deep` → `@scope/name`; `node:fs/promises` → `node:fs`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Whether the file at `path` may import `specifier`. */
export const mayImport = (path: string, specifier: string): boolean => {
  const name = packageOf(specifier);
  const rooms = Object.hasOwn(packageRooms, name) ? packageRooms[name]! : [];
  return rooms.some((room) => (room.endsWith('/') ? path.startsWith(room) : path === room));
};
