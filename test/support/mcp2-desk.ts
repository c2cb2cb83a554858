import type { ServiceProcess } from './service-process.ts';

/** What an HTTP route answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any;
}

/** A caller of mcp2 over real HTTP. */
export class Mcp2Desk {
  readonly address: string;
  readonly #key: string | null;

  constructor(address: string, key: string | null = null) {
    this.address = address;
    this.#key = key;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answered> {
    return this.#call(path, { headers });
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    return this.#call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  delete(path: string): Promise<Answered> {
    return this.#call(path, { method: 'DELETE' });
  }

  async #call(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Answered> {
    const key = this.#key === null ? {} : { 'x-api-key': this.#key };
    const response = await fetch(`${this.address}${path}`, { ...init, headers: { ...key, ...init.headers } });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }
}

const LISTENS = /listens on (http:\S+) with/g;

/** Starts `process` and resolves with its addresses, in the order in which they are told. */
export async function addressesOf(process: ServiceProcess, count: number): Promise<string[]> {
  await process.start(new RegExp(`(listens on http:\\S+ with[\\s\\S]*){${count}}`));
  return [...process.printed.matchAll(LISTENS)].map(([, address]) => address!);
}

/** A payload of a strategy that follows the trend of EURUSD. */
export const trendTrade = (change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  strategy: 'trend-follower',
  timestamp: '2026-03-02T14:05:00Z',
  market: { symbol: 'EURUSD', timeframe: '1m', session: 'london' },
  features: { indicators: { rsi: 63.2, adx: 27.5, ema_12: 1.0842, ema_26: 1.0836 }, notes: 'pullback held' },
  risk: { max_risk_per_trade: 0.01, max_positions: 3, max_daily_drawdown: 0.03 },
  positions: { open: 1, closed: 2, total_risk: 0.008 },
  ...change,
});
