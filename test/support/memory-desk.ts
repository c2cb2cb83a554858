import type { StoredDocument } from '../../src/domain/desk/document.ts';
import type { GuidanceAnswer } from '../../src/domain/desk/guidance-answer.ts';
import type { Trade } from '../../src/domain/desk/trade.ts';
import { PulseError } from '../../src/domain/errors/errors.ts';
import type { Caller } from '../../src/ports/caller.ts';
import type { Desk, GuidanceRequest } from '../../src/ports/desk.ts';

const AT = '2026-03-02T08:15:00.000Z';

const guidanceOf = (endpoint: string, { payload }: GuidanceRequest): GuidanceAnswer => ({
  signal: `${payload.market.symbol} as ${payload.strategy} sees it`,
  risk: 'within the limits',
  action: 'hold',
  journal: 'nothing to add',
  meta: {
    id: 'call-1',
    endpoint,
    version: '1',
    provider: 'rules',
    model: 'rules',
    prompt_hash: '0',
    nudges: [],
    stub: true,
    latency_ms: 1,
    tokens: { input: null, output: null },
    cost_usd: null,
    reused: false,
    fallbacks: [],
  },
});

/** A desk that keeps everything in memory: for the rules of the HTTP edge, which are the same whatever stands behind it. */
export function memoryDesk(): Desk & { readonly callers: Caller[] } {
  const trades: Trade[] = [];
  const repeats = new Map<string, { id: string; text: string }>();
  const documents = new Map<string, StoredDocument>();
  const callers: Caller[] = [];
  const known = (id: string): StoredDocument => {
    const found = documents.get(id);
    if (found === undefined) throw new PulseError('document.none', { id });
    return found;
  };
  return {
    callers,
    trades: {
      async log(payload, caller, key) {
        callers.push(caller);
        const text = JSON.stringify(payload);
        const earlier = key === null ? undefined : repeats.get(key);
        if (earlier !== undefined && earlier.text !== text)
          throw new PulseError('trade.idempotency', { key, id: earlier.id });
        if (earlier !== undefined) return { id: earlier.id, repeated: true };
        const id = `trade-${trades.length + 1}`;
        trades.unshift({ id, received_at: AT, received_by: caller.name, payload });
        if (key !== null) repeats.set(key, { id, text });
        return { id, repeated: false };
      },
      async fetch(id) {
        const found = trades.find((trade) => trade.id === id);
        if (found === undefined) throw new PulseError('trade.none', { id });
        return found;
      },
      async recent(limit, before) {
        const from = before === null ? 0 : trades.findIndex(({ id }) => id === before) + 1;
        if (before !== null && from === 0) throw new PulseError('trade.cursor', { before });
        return trades.slice(from, from + limit);
      },
    },
    documents: {
      async search(query) {
        return { query, corrected: null, mode: 'text', total: 0, results: [] };
      },
      async add({ content, format, title = 'Untitled', url = 'pulse:document', id = `doc-${documents.size + 1}` }) {
        const change = documents.has(id) ? 'updated' : 'added';
        documents.set(id, { id, title, url, format, content, indexed_at: AT });
        return { id, chunks: 1, change };
      },
      get: async (id) => known(id),
      async remove(id) {
        documents.delete(known(id).id);
      },
      list: async (limit, offset) =>
        [...documents.values()].slice(offset, offset + limit).map(({ content: _content, ...rest }) => rest),
    },
    guidance: {
      whisperer: async (request) => guidanceOf('whisperer', request),
      simple: async (request) => guidanceOf('simple', request),
      async analyze(model, stream, asked) {
        if (model !== 'rules') throw new PulseError('model.unknown', { model, known: 'rules' });
        if (stream === 'empty') throw new PulseError('stream.empty', { stream });
        if (stream === 'bare')
          throw new PulseError('stream.no-payload', { id: '1-0', stream, reason: 'no field payload' });
        return guidanceOf('analyze', {
          ...asked,
          payload: {
            strategy: 'breakout',
            timestamp: AT,
            market: { symbol: 'EURUSD', timeframe: '5m' },
            features: { indicators: {} },
            risk: {},
            positions: { open: 0, closed: 0 },
          },
        });
      },
      models: async () => [{ name: 'rules', provider: 'rules', model: 'rules', reachable: true, detail: null }],
    },
    market: {
      entries: async (stream, count) => ({
        stream,
        entries: [{ id: '1772460000000-0', fields: { j: '{}' } }].slice(0, count),
      }),
      async bars(symbol) {
        if (symbol !== 'EURUSD') throw new PulseError('symbol.unknown', { symbol, known: 'EURUSD' });
        return { symbol, tf: '1m', source: 'redis', bars: [{ ts: 1_772_460_000, o: 1, h: 1, l: 1, c: 1, v: 6, n: 6 }] };
      },
      parity: async (symbol) => ({ symbol, gate: {}, sessions: [] }),
      async analysis(symbol, timeframe) {
        throw new PulseError('analysis.none', { symbol, timeframe, known: '' });
      },
    },
  };
}
