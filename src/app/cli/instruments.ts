import { PulseError } from '../../domain/errors/errors.ts';
import type { Instrument, InstrumentField } from '../../domain/instrument/instrument.ts';
import { shownSteps } from '../../domain/instrument/shown-steps.ts';
import { toleranceParts } from '../../domain/parity/parity-tolerance.ts';
import { type Sides, symbolsOf } from '../../services/reconcile/reconcile.ts';
import { table } from '../../text/table.ts';
import { type Instruments, instrumentsOf } from '../config/instruments.ts';
import type { Terminal } from '../host/terminal.ts';
import { openSides } from '../wiring/reconcile.ts';
import type { Command } from './command.ts';

/** Bars of each side from which the steps are taken that a tape shows. */
const NEWEST = 2_000;

export const instrumentsCommand: Command<'instruments'> = {
  name: 'instruments',
  summary: 'show what applies to each symbol, and from where',
  details: `Increments, pip, contract size, currencies, calendar and tolerance each come from the first of these that has them: the table
(PULSE_INSTRUMENTS), a single setting, the built-in rules for currency pairs, metals and coins, and the newest bars (derived).

Examples:
  pulse instruments
  pulse instruments EURUSD XAUUSD --instruments instruments.yaml
  pulse instruments --json`,
  args: [
    {
      name: 'symbols',
      about: 'the symbols; default: all symbols of which either side has bars',
      required: false,
      variadic: true,
    },
  ],
  async run({ config, engines, terminal }, _args, symbols) {
    const sides = await openSides(engines, config.values, false);
    const instruments = instrumentsOf(config.values);
    const found: Instrument[] = [];
    for (const symbol of symbols.length > 0 ? symbols : await symbolsOf(sides))
      found.push(
        await shown(symbol, sides, instruments).catch((error: unknown) => untold(symbol, instruments, error, terminal)),
      );
    if (config.values.json) terminal.out(`${JSON.stringify(found, null, 2)}\n`);
    else if (found.length === 0)
      terminal.out('Neither side has bars yet; name a symbol to see what would apply to it.\n');
    else terminal.out(table(['SYMBOL', 'FIELD', 'VALUE', 'FROM'], found.flatMap(rowsOf)));
    return 0;
  },
};

async function shown(symbol: string, { incumbent, candidate }: Sides, instruments: Instruments): Promise<Instrument> {
  return instruments(
    symbol,
    shownSteps(await incumbent.newest(symbol, NEWEST), await candidate.newest(symbol, NEWEST)),
  );
}

/** What applies as far as it can be told without the engines. */
function untold(symbol: string, instruments: Instruments, error: unknown, { err }: Terminal): Instrument {
  if (!(error instanceof PulseError && error.retry)) throw error;
  err(`pulse: what the bars of ${symbol} show is not known: ${error.message}\n`);
  return instruments(symbol);
}

function rowsOf(instrument: Instrument): string[][] {
  const { symbol } = instrument;
  const { price, volume } = toleranceParts(instrument.tolerance);
  const rows: readonly (readonly [name: string, value: unknown, field: InstrumentField])[] = [
    ['price increment', instrument.priceIncrement, 'priceIncrement'],
    ['pip', instrument.pip, 'pip'],
    ['volume increment', instrument.volumeIncrement, 'volumeIncrement'],
    ['contract size', instrument.contractSize, 'contractSize'],
    ['base', instrument.base, 'base'],
    ['quote', instrument.quote, 'quote'],
    ['calendar', instrument.calendar, 'calendar'],
    ['prices ≤ 0', instrument.nonPositive ? 'legal' : 'rejected', 'nonPositive'],
    ['price tolerance', price, 'priceTolerance'],
    ['volume tolerance', volume, 'volumeTolerance'],
  ];
  return rows.map(([name, value, field], i) => [
    i === 0 ? symbol : '',
    name,
    value === null ? 'unknown' : String(value),
    fromText(instrument, field),
  ]);
}

function fromText({ tolerance, origins, tableRule, builtInRule }: Instrument, field: InstrumentField): string {
  const isDerived =
    (field === 'priceTolerance' && tolerance.priceDerived) || (field === 'volumeTolerance' && tolerance.volumeDerived);
  if (isDerived) return 'derived';
  const origin = origins[field];
  return origin === 'table' ? `table: ${tableRule}` : origin === 'built-in' ? `built-in: ${builtInRule}` : origin;
}
