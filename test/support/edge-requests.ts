import { onTestFinished } from 'vitest';
import { apiKeys } from '../../src/app/config/api-keys.ts';
import type { ApiKey } from '../../src/edge/auth.ts';
import { type Edge, startEdge } from './mcp2-edge.ts';

export const KEYS = {
  all: 'a-key-that-may-do-all',
  reader: 'a-key-that-may-read',
  writer: 'a-key-that-may-write',
  asker: 'a-key-that-may-ask-models',
};
export const keys: readonly ApiKey[] = apiKeys.read(
  `${KEYS.all},reader:read:${KEYS.reader},writer:write:${KEYS.writer},asker:llm:${KEYS.asker}`,
)!;

export const payload = {
  strategy: 'breakout',
  timestamp: '2026-03-02T08:15:00Z',
  market: { symbol: 'EURUSD', timeframe: '5m' },
};

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export async function send(edge: Edge, line: string, { headers = {}, body }: Sent = {}) {
  const [method = '', path = ''] = line.split(' ');
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await fetch(edge.address + path, {
    method,
    headers: { ...json, ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  return {
    status: answer.status,
    headers: answer.headers,
    type,
    body: type.includes('json') && text !== '' ? JSON.parse(text) : text,
  };
}

export async function started(...changes: Parameters<typeof startEdge>): Promise<Edge> {
  const edge = await startEdge(...changes);
  onTestFinished(() => edge.close());
  return edge;
}

/** Every route with a request that it answers well, and the scope that it asks for. */
export const ROUTES: readonly (readonly [line: string, access: string, body?: unknown])[] = [
  ['POST /log_enriched_trade', 'write', payload],
  ['GET /fetch_payload?id=trade-1', 'read'],
  ['GET /trades/recent', 'read'],
  ['GET /search_docs?query=slippage', 'read'],
  ['POST /documents', 'write', { content: '# Slippage', id: 'doc' }],
  ['GET /documents', 'read'],
  ['GET /documents/doc', 'read'],
  ['DELETE /documents/doc', 'write'],
  ['POST /llm/whisperer', 'llm', { payload }],
  ['POST /llm/simple', 'llm', { payload, questions: ['Is it late?'], notes: 'none' }],
  ['POST /llm/rules/analyze', 'llm', { stream: 'setups' }],
  ['GET /llm/models', 'llm'],
  ['GET /streams/v2:ticks:l1?count=1&reverse=1&before_id=5-0', 'read'],
  ['GET /streams/tick/EURUSD', 'read'],
  ['GET /streams/bar/1m/EURUSD', 'read'],
  ['GET /bars/EURUSD?count=1', 'read'],
  ['GET /parity', 'read'],
  ['GET /analysis/EURUSD', 'read'],
  ['GET /ready', 'any'],
  ['GET /metrics', 'any'],
  ['GET /openapi.json', 'any'],
  ['GET /docs/', 'any'],
];
/** The desk in memory has no analysis. */
export const wellAnswered = (line: string): number =>
  line.includes('/analysis/') ? 404 : line.startsWith('DELETE') ? 204 : 200;
