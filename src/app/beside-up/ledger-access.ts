import { z } from 'zod';
import type { SessionReport } from '../../domain/parity/parity-report.ts';
import { type Endpoint, endpoint } from '../../edge/endpoint.ts';
import {
  type LedgerEntry,
  type LedgerRow,
  openParityLedger,
  type ParityLedger,
  type RecordExtra,
} from '../../stores/parity-ledger.ts';
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

/** As another process of the same version wrote it. */
const recorded = z.custom<{ readonly report: SessionReport; readonly extra: RecordExtra }>(
  (body) => typeof body === 'object' && body !== null && 'report' in body && 'extra' in body,
  'a report and its extra are needed',
);

/** The paths by which other commands reach the ledger of this process. */
export const ledgerRoutes = (ledger: () => Promise<ParityLedger>): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/ledger/entries',
    access: 'any-key',
    tag: 'Commands',
    summary: 'Every entry of the ledger',
    answers: { 200: { about: 'The entries' } },
    run: async () => (await ledger()).entries(),
  }),
  endpoint({
    method: 'GET',
    path: '/ledger/sessions',
    access: 'any-key',
    tag: 'Commands',
    summary: 'The newest sessions',
    query: z.object({ symbol: z.string().optional(), limit: z.string().optional() }),
    answers: { 200: { about: 'The sessions' } },
    run: async ({ query }) =>
      (await ledger()).sessions(query.symbol ?? null, Math.min(1_000, Number(query.limit ?? 100) || 100)),
  }),
  endpoint({
    method: 'GET',
    path: '/ledger/report',
    access: 'any-key',
    tag: 'Commands',
    summary: 'The report of a session',
    query: z.object({ symbol: z.string(), session: z.string() }),
    answers: { 200: { about: 'The report, or null' } },
    async run({ query }, { reply }) {
      reply.type('application/json');
      return JSON.stringify(await (await ledger()).report(query.symbol, query.session));
    },
  }),
  endpoint({
    method: 'POST',
    path: '/ledger/reports',
    access: 'any-key',
    tag: 'Commands',
    summary: 'Records a report',
    body: recorded,
    bodyLimit: 'large',
    answers: { 200: { about: 'Whether it was recorded' } },
    run: async ({ body }) => ({ recorded: await (await ledger()).record(body.report, body.extra) }),
  }),
];
