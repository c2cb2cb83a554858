import { z } from 'zod';
import { builtInRules } from '../../domain/instrument/built-in.ts';
import { metals } from '../../domain/instrument/currencies.ts';
import { instrumentOf } from '../../domain/instrument/instrument.ts';
import { instrumentRule } from '../../domain/instrument/instrument-rule.ts';
import { generated, markdownTable } from './markdown.ts';

const HEAD = `${generated}

# Instruments

What is fixed about a symbol comes from one table: the file that \`PULSE_INSTRUMENTS\` (\`--instruments\`) names, JSON or YAML, a list of
rules. Of a symbol the first rule counts whose pattern matches. What that leaves out comes, key by key, from

1. single settings where they are set: \`PIP_SIZE\` (the pip), \`TOL_PRICE_TICKS\` (so many pips, or price increments where no pip is set),
   \`TOL_VOLUME\`, \`CALENDARS\`, \`NON_POSITIVE_PRICES\`;
2. the built-in rule of its form, below;
3. what its tape shows: increments are the finest decimals of the newest bars of both sides. What comes from there is called *derived*, in
   reports too.

Else the calendar is 24x7, prices at or below zero are rejected, and the rest is unknown. Two bars agree whose prices are one price increment
apart at most, and whose volumes one volume increment, unless a tolerance is set. A price tolerance of more than 0.1 % of the price, or one
that more than 5 % of the agreeing bars need, is a warning in every report.

\`pulse instruments\` shows what applies to each symbol, and from where.

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
