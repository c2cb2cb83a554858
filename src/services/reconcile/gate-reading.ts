import {
  type Gate,
  type GateRule,
  gateOf,
  type SymbolGate,
  symbolGate,
  withPresence,
} from '../../domain/parity/gate.ts';
import { sides as bothSides, type Side } from '../../domain/parity/parity-bar.ts';
import type { LedgerEntry, ParityLedger } from '../../stores/parity-ledger.ts';
import { type ReconcileRules, type Sides, symbolsOf } from './reconcile.ts';

/** What the gate demands. */
export interface GateRules extends Pick<ReconcileRules, 'calendarOf' | 'settlesMs'> {
  readonly ruleOf: (symbol: string) => GateRule;
}

/** Where the gate stands. */
export interface GateReading {
  readonly gate: Gate;
  /** What the gate would look like if the made-up sessions of the ledger counted, which they never do; null where it has none. */
  readonly demo: Gate | null;
}

/**
 * Reads where the gate stands: of one symbol, or (null) of all that the ledger or either side knows. A symbol that is live and was never
 * reconciled is no less a part of a promotion. `now` in epoch milliseconds.
 */
export async function readGate(
  ledger: ParityLedger,
  sides: Sides,
  { calendarOf, settlesMs, ruleOf }: GateRules,
  symbol: string | null,
  now: number,
): Promise<GateReading> {
  const all = (await ledger.entries()).filter((entry) => symbol === null || entry.symbol === symbol);
  const [real, demo] = [all.filter((entry) => !entry.demo), all.filter((entry) => entry.demo)];
  const gateFor = (name: string, entries: readonly LedgerEntry[]): SymbolGate =>
    // A session that is not settled yet is not late.
    symbolGate(name, calendarOf(name), entries, ruleOf(name), now - settlesMs);
  const live = symbol === null ? await symbolsOf(sides) : [symbol];
  const symbols: SymbolGate[] = [];
  for (const name of new Set([...real.map((entry) => entry.symbol), ...live])) {
    const present = await presentSides(sides, name);
    // Traded no more, and its bars deleted: nobody reads it from anywhere.
    if (present.length === 0 && symbol === null) continue;
    symbols.push(withPresence(gateFor(name, real), present));
  }
  const madeUp = [...new Set(demo.map((entry) => entry.symbol))].map((name) => gateFor(name, demo));
  return { gate: gateOf(symbols), demo: madeUp.length === 0 ? null : gateOf(madeUp) };
}

async function presentSides(sides: Sides, symbol: string): Promise<Side[]> {
  const present: Side[] = [];
  for (const side of bothSides) if (await sides[side].has(symbol)) present.push(side);
  return present;
}
