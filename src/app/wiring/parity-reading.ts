import { readBarSource } from '../../services/reconcile/bar-source.ts';
import { readGate } from '../../services/reconcile/gate-reading.ts';
import type { ParityLedger } from '../../stores/parity-ledger.ts';
import type { Runtime } from '../host/runtime.ts';
import { gateRules, openSides } from './reconcile.ts';

/** Newest sessions that are told. */
const SESSIONS = 50;

/** Where parity stands, as `/parity` tells it: gate, demo, bar source and newest sessions, of one symbol or (null) all. */
export async function readParity(
  { engines, config: { values }, clock }: Pick<Runtime, 'engines' | 'config' | 'clock'>,
  ledger: ParityLedger,
  symbol: string | null,
) {
  const sides = await openSides(engines, values, false);
  const sessions = await ledger.sessions(symbol, SESSIONS);
  return {
    ...(await readGate(ledger, sides, gateRules(values), symbol, clock.now())),
    barSource: await readBarSource(await engines.keys(), values.barSource),
    sessions: sessions.map(({ report, at, demo }) => ({ ...report, at, demo })),
  };
}
