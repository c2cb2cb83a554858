import { allowPromotion, evidenceOf, type Gate } from '../../domain/parity/gate.ts';
import { type BarSource, readBarSource, writeBarSource } from '../../services/reconcile/bar-source.ts';
import { readGate } from '../../services/reconcile/gate-reading.ts';
import { evidenceText, gateWarnings } from '../../services/reconcile/report/gate-table.ts';
import { openLedger } from '../beside-up/ledger-access.ts';
import type { Runtime } from '../host/runtime.ts';
import { gateRules, openSides } from '../wiring/reconcile.ts';
import type { Command } from './command.ts';

export const promoteCommand: Command<'promote'> = {
  name: 'promote',
  summary: 'switch readers of bars to Kafka, once the gate has passed',
  details: `Pulse refuses to promote (exit code 2) until the gate has passed for every symbol that the ledger or either side knows, unless you use
--force with a --reason. Sessions of the made-up market never count. The rules of the gate and the tolerance come from the configuration
that the ledger was written with; flags for them are refused.

Examples:
  pulse promote --reason "gate passed on 1 July"
  pulse promote --force --reason "Redis is being taken down"`,
  async run(runtime) {
    const { config, engines, clock } = runtime;
    const { values } = config;
    const sides = await openSides(engines, values, false);
    const { gate } = await readGate(await openLedger(runtime), sides, gateRules(values), null, clock.now());
    allowPromotion(gate, values.force ? values.reason : null);
    const how = gate.state === 'passed' ? 'the gate has passed' : `forced while the gate is at: ${gate.state}`;
    for (const line of gateWarnings(gate.symbols)) runtime.terminal.err(`pulse: ⚠ ${line}\n`);
    return switchTo(runtime, 'kafka', how, gate);
  },
};

export const rollbackCommand: Command<'rollback'> = {
  name: 'rollback',
  summary: 'switch readers of bars back to Redis',
  details: `A rollback is always allowed.

Examples:
  pulse rollback --reason "lag on the brokers"`,
  run: (runtime) => switchTo(runtime, 'redis', 'rolled back'),
};

/** Symbols that the event's sentence names; its data has all. */
const MOST_SYMBOLS = 10;

async function switchTo(
  { engines, config, clock, instance, journals, terminal }: Runtime,
  source: BarSource,
  how: string,
  gate: Gate | null = null,
): Promise<number> {
  const { barSource, reason } = config.values;
  const keys = await engines.keys();
  const before = await readBarSource(keys, barSource);
  if (before.source === source) {
    terminal.out(`Readers of bars take them from ${source} already.\n`);
    return 0;
  }
  journals.sendTo(await engines.log());
  await writeBarSource(keys, { source, switched: { at: new Date(clock.now()).toISOString(), by: instance, reason } });
  const [service, code] =
    source === 'kafka'
      ? (['promote', 'bar-source.promoted'] as const)
      : (['rollback', 'bar-source.rolled-back'] as const);
  const why = reason === null ? '' : ` (${reason})`;
  const rests = gate === null ? '' : `; ${gate.symbols.slice(0, MOST_SYMBOLS).map(evidenceText).join('; ')}`;
  journals.of(service).event('warn', code, `readers of bars: ${before.source} → ${source}; ${how}${why}${rests}`, {
    from: before.source,
    to: source,
    reason,
    how,
    ...(gate !== null && { evidence: evidenceOf(gate) }),
  });
  terminal.out(`Readers of bars now take them from ${source}; ${how}.\n`);
  return 0;
}
