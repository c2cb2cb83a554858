import { PulseError } from '../domain/errors.ts';
import type { SessionReport } from '../domain/parity-report.ts';
import {
  type LedgerEntry,
  type LedgerRow,
  openParityLedger,
  type ParityLedger,
  type RecordExtra,
} from '../stores/parity-ledger.ts';
import { runningIn } from './data-dir.ts';
import type { Routes } from './http-server.ts';
import type { Runtime } from './runtime.ts';

/** The parity ledger of a command: its own database, or that of the `pulse up` which holds the embedded one. */
export async function openLedger({ config, engines }: Pick<Runtime, 'config' | 'engines'>): Promise<ParityLedger> {
  const { dataDir, apiKey } = config.values;
  const running = engines.kind.database === 'embedded' ? await runningIn(dataDir) : null;
  if (running?.address == null || running.pid === process.pid) return openParityLedger(await engines.database());
  return remoteLedger(running.address, apiKey);
}

/** The ledger of a running `pulse up`, over its HTTP paths. */
function remoteLedger(address: string, apiKey: string | null): ParityLedger {
  const call = async <T>(path: string, body?: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(apiKey !== null && { 'x-api-key': apiKey }) };
    const response = await fetch(`${address}${path}`, {
      headers,
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new PulseError('host.up-unreachable', { address, reason: (cause as Error).message }, { cause });
    });
    if (!response.ok) throw new PulseError('host.up-unreachable', { address, reason: `it answers ${response.status}` });
    return (await response.json()) as T;
  };
  return {
    record: async (report, extra) => void (await call('/ledger/reports', { report, extra })),
    entries: () => call<LedgerEntry[]>('/ledger/entries'),
    sessions: (symbol, limit) =>
      call<LedgerRow[]>(
        `/ledger/sessions?limit=${limit}${symbol === null ? '' : `&symbol=${encodeURIComponent(symbol)}`}`,
      ),
    report: (symbol, session) =>
      call<SessionReport | null>(`/ledger/report?symbol=${encodeURIComponent(symbol)}&session=${session}`),
  };
}

/** The paths by which other commands reach the ledger of this process. */
export const ledgerRoutes =
  (ledger: () => Promise<ParityLedger>): Routes =>
  (server) => {
    server.get('/ledger/entries', async () => (await ledger()).entries());
    server.get<{ Querystring: { symbol?: string; limit?: string } }>('/ledger/sessions', async ({ query }) =>
      (await ledger()).sessions(query.symbol ?? null, Math.min(1_000, Number(query.limit ?? 100) || 100)),
    );
    server.get<{ Querystring: { symbol: string; session: string } }>('/ledger/report', async ({ query }, reply) =>
      reply.type('application/json').send(JSON.stringify(await (await ledger()).report(query.symbol, query.session))),
    );
    server.post<{ Body: { report: SessionReport; extra: RecordExtra } }>(
      '/ledger/reports',
      { bodyLimit: 64 * 1024 * 1024 },
      async ({ body }) => {
        await (await ledger()).record(body.report, body.extra);
        return { recorded: true };
      },
    );
  };
