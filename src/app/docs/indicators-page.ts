import { z } from 'zod';
import { indicatorOptions } from '../../domain/analysis/indicator-options.ts';
import { generated, markdownTable } from './markdown.ts';

/** What of a JSON Schema the page shows. */
interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
}

const HEAD = `${generated}

# Indicators

Use this page to choose the indicators that \`pulse enrichment\`, \`pulse up\` and \`pulse enrich-file\` compute for every closed bar. The file
\`pulse.indicators.json\` in the working directory, or the file that \`INDICATORS_FILE\` names, switches groups off and sets their lengths. Keys that it
leaves out have the default below. Pulse refuses a key that is not below, and a MACD whose \`fast\` is not less than its \`slow\`. Each indicator's definition
and source stand above its code in \`src/domain/indicators\`; [schemas/indicators.json](schemas/indicators.json) helps editors.

\`\`\`json
{ "averages": { "ema": [9, 21, 55] }, "harmonic": { "enabled": false } }
\`\`\`
`;

/** docs/indicators.md */
export function indicatorsPage(): string {
  const { properties = {} } = z.toJSONSchema(indicatorOptions, { io: 'input' }) as Shape;
  const rows = Object.entries(properties).flatMap(([group, { description = '', properties: keys = {} }]) => [
    [`**${group}**`, '', '', description],
    ...Object.entries(keys).flatMap(([key, shape]) => settings(`${group}.${key}`, shape)),
  ]);
  return `${HEAD}\n${markdownTable(['key', 'default', 'allowed', 'about'], rows)}\n`;
}

function settings(path: string, shape: Shape): string[][] {
  if (shape.properties !== undefined)
    return Object.entries(shape.properties).flatMap(([key, inner]) => settings(`${path}.${key}`, inner));
  const { minimum, maximum } = shape.items ?? shape;
  const bounds = minimum === undefined ? '' : `${minimum} to ${maximum}`;
  const allowed =
    shape.type === 'boolean' ? 'true or false' : shape.items === undefined ? bounds : `a list of ${bounds}`;
  return [[`\`${path}\``, `\`${JSON.stringify(shape.default)}\``, allowed, shape.description ?? '']];
}
