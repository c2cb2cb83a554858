import type { SessionReport } from '../../domain/parity/parity-report.ts';
import {
  type LedgerEntry,
  type LedgerRow,
  openParityLedger,
  type ParityLedger,
  type RecordExtra,
} from '../../stores/parity-ledger.ts';
import type { Routes } from '../host/health-listener.ts';
import type { Runtime } from '../host/runtime.ts';
import { type AskUp, askUp } from './up-client.ts';

/** The parity ledger of a command: its own database, or that of the `pulse up` which holds the embedded one. */
export async function openLedger(runtime: Pick<Runtime, 'config' | 'engines'>): Promise<ParityLedger> {
  const ask = await askUp(runtime);
  return ask === null ? openParityLedger(await runtime.engines.database()) : remoteLedger(ask);
}

/** The ledger of a running `pulse up`, over its HTTP paths. */
function remoteLedger(call: AskUp): ParityLedger {
  return {
    record: async (report, extra) => (await call<{ recorded: boolean }>('/ledger/reports', { report, extra })).recorded,
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
      async ({ body }) => ({ recorded: await (await ledger()).record(body.report, body.extra) }),
    );
  };
