import { type BarSourceState, readBarSource } from '../../services/reconcile/bar-source.ts';
import { readGate } from '../../services/reconcile/gate-reading.ts';
import { demoTable, gateTable } from '../../services/reconcile/report/gate-table.ts';
import type { ParityLedger } from '../../stores/parity-ledger.ts';
import { openLedger } from '../beside-up/ledger-access.ts';
import type { Terminal } from '../host/terminal.ts';
import { gateRules, openSides } from '../wiring/reconcile.ts';
import type { Command } from './command.ts';

/** A symbol without any session may be a slip of the keyboard. */
async function warnUnknown(ledger: ParityLedger, symbol: string, { err }: Terminal): Promise<void> {
  const known = [...new Set((await ledger.entries()).map((entry) => entry.symbol))].sort();
  if (!known.includes(symbol))
    err(
      `pulse: no session of ${symbol} has been reconciled; the ledger has ${known.join(', ') || 'none of any symbol'}\n`,
    );
}

/** From where readers take bars, and who said so. */
function sourceText({ source, switched }: BarSourceState): string {
  if (switched === null) return `Readers of bars take them from ${source} (PULSE_BAR_SOURCE; never switched).`;
  const { at, by, reason } = switched;
  const command = source === 'kafka' ? 'pulse promote' : 'pulse rollback';
  return `Readers of bars take them from ${source}, by \`${command}\` at ${at} (${by})${reason === null ? '' : `: ${reason}`}.`;
}

export const parityCommand: Command<'parity'> = {
  name: 'parity',
  summary: 'show where the gate stands: parity over the last sessions, by symbol',
  details: `The gate passes at 99.9 % or more in each of 5 consecutive sessions, for every symbol that the ledger or either side knows, within the
configured tolerance. Sessions of the made-up market are shown separately, and never count.
Too few bars in a session (GATE_MIN_SESSION_BARS) or in the run (GATE_MIN_RUN_BARS) are too little evidence. With --proven (GATE_PROVEN) the
lower 95 % bound must reach the threshold too, and the output says how many bars are missing.
Exit code 0: the gate has passed; 2: below the threshold; 3: too few sessions, or too little evidence; 4: a side is missing.

Examples:
  pulse parity
  pulse parity --proven
  pulse parity --symbol EURUSD --json`,
  async run(runtime) {
    const { config, clock, terminal, engines } = runtime;
    const { values } = config;
    const ledger = await openLedger(runtime);
    if (values.symbol !== null) await warnUnknown(ledger, values.symbol, terminal);
    const sides = await openSides(engines, values, false);
    const { gate, demo } = await readGate(ledger, sides, gateRules(values), values.symbol, clock.now());
    const barSource = await readBarSource(await engines.keys(), values.barSource);
    if (values.json) terminal.out(`${JSON.stringify({ ...gate, demo, barSource })}\n`);
    else {
      terminal.out(gateTable(gate, terminal));
      if (demo !== null) terminal.out(demoTable(demo, terminal));
      terminal.out(`${sourceText(barSource)}\n`);
    }
    return gate.exit;
  },
};
