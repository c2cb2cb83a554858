import { z } from 'zod';
import { builtInRules } from '../../domain/instrument/built-in.ts';
import { metals } from '../../domain/instrument/currencies.ts';
import { instrumentOf } from '../../domain/instrument/instrument.ts';
import { instrumentRule } from '../../domain/instrument/instrument-rule.ts';
import { generated, markdownTable } from './markdown.ts';

const HEAD = `${generated}

# Instruments

Use this page to tell Pulse what is fixed about your symbols: increments, pip, contract size, currencies, calendar and tolerances.
\`pulse instruments\` shows what applies to each symbol, and where it comes from.

The file that \`PULSE_INSTRUMENTS\` (\`--instruments\`) names, in JSON or YAML, is a list of rules. The first rule whose pattern matches a symbol
counts. For each key that the rule leaves out, Pulse takes the first of these that has it:

1. a single setting: \`PIP_SIZE\` (the pip), \`TOL_PRICE_TICKS\` (a number of pips, or of price increments if no pip is set),
   \`TOL_VOLUME\`, \`CALENDARS\`, \`NON_POSITIVE_PRICES\`;
2. the built-in rule for symbols of that form, below;
3. the tape: increments are the finest decimals of the newest bars of both sides. Such values are called *derived*, in reports too.

If none has it, the calendar is 24x7, prices at or below zero are rejected, and the rest is unknown. Unless a tolerance is set, two bars agree if their
prices differ by at most one price increment and their volumes by at most one volume increment. Every report warns of a price tolerance
above 0.1 % of the price, and of one that more than 5 % of the agreeing bars need.

\`\`\`yaml
- symbols: "XAU*"
  contractSize: 10
  priceTolerance: 0.05
- symbols: "US500"
  priceIncrement: 0.1
  quote: USD
  calendar: us-equities
  volumeTolerance: "0.5%"
\`\`\`

## Keys of a rule

[schemas/instruments.json](schemas/instruments.json) helps editors. A key that is not below is refused.
`;

interface Shape {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
}

/** docs/instruments.md */
export function instrumentsPage(): string {
  const { properties = {} } = z.toJSONSchema(instrumentRule, { io: 'input' }) as Shape;
  const keys = Object.entries(properties).map(([key, { description = '' }]) => [`\`${key}\``, description]);
  const rules = builtInRules.map(({ name, about, example }) => [name, about, `\`${example}\``, ...exampleOf(example)]);
  const ofMetals = Object.entries(metals).map(([code, { priceIncrement, pip, contractSize }]) => [
    code,
    priceIncrement,
    pip,
    String(contractSize),
  ]);
  return `${HEAD}
${markdownTable(['key', 'what it says'], keys)}

## Built-in rules

Between the two parts of a symbol there may be \`.\`, \`_\` or \`-\`; capitals or not.

${markdownTable(['rule', 'symbols', 'example', 'price increment', 'pip', 'contract size', 'calendar'], rules)}

${markdownTable(['metal', 'price increment', 'pip', 'contract size'], ofMetals)}
`;
}

function exampleOf(symbol: string): string[] {
  const { priceIncrement, pip, contractSize, calendar } = instrumentOf(symbol, { table: [], settings: () => ({}) });
  return [priceIncrement ?? 'derived', pip ?? '–', String(contractSize), calendar];
}
