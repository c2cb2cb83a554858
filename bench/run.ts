// npm run bench -- [name …]: prints a table, and writes bench/results/<name>.json
import { mkdirSync, writeFileSync } from 'node:fs';
import { table } from '../src/text/table.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { builder } from './builder.ts';
import { burstBenches } from './burst.ts';
import { enrichment } from './enrichment.ts';
import { kafkaAppend } from './kafka-append.ts';
import { machine } from './machine.ts';
import { mcp2 } from './mcp2.ts';
import { npmStart } from './npm-start.ts';
import { paths } from './paths.ts';
import { rounds } from './rounds.ts';
import { search } from './search.ts';
import { symbols } from './symbols.ts';

const all: readonly Benchmark[] = [
  builder,
  ...paths,
  ...kafkaAppend,
  ...burstBenches,
  ...enrichment,
  ...mcp2,
  ...search,
  ...symbols,
  rounds,
  ...npmStart,
];
const names = process.argv.slice(2);
const unknown = names.find((name) => !all.some((each) => each.name === name || each.name.startsWith(`${name}-`)));
if (unknown !== undefined) {
  process.stderr.write(`there is no benchmark ${unknown}; there are ${all.map(({ name }) => name).join(', ')}\n`);
  process.exit(64);
}
const chosen = all.filter(
  ({ name }) => names.length === 0 || names.some((each) => name === each || name.startsWith(`${each}-`)),
);
const date = new Date().toISOString().slice(0, 10);
process.stdout.write(`${machine()}; ${date}\n`);
for (const benchmark of chosen) {
  const runs: Figures[] = [];
  for (let i = 0; i < benchmark.runs; i += 1) runs.push(await benchmark.run());
  const rows = Object.keys(runs[0] ?? {}).map((figure) => row(benchmark, figure, runs));
  process.stdout.write(`\n${benchmark.name}: ${benchmark.about}; ${benchmark.runs} runs\n`);
  process.stdout.write(table(['figure', 'min', 'median', 'max', 'aim', ''], rows));
  mkdirSync(new URL('results', import.meta.url), { recursive: true });
  const result = { name: benchmark.name, about: benchmark.about, machine: machine(), date, runs };
  writeFileSync(new URL(`results/${benchmark.name}.json`, import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
}
// Pools and child processes that a benchmark left are not worth waiting for.
process.exit(0);

function row({ aims }: Benchmark, figure: string, runs: readonly Figures[]): (string | number)[] {
  const values = runs.map((run) => run[figure]!).sort((a, b) => a - b);
  const median = values[Math.floor(values.length / 2)]!;
  const { least, most } = aims[figure] ?? {};
  const shown = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));
  const aim = least !== undefined ? `≥ ${shown(least)}` : most !== undefined ? `≤ ${shown(most)}` : '';
  const met =
    aim === ''
      ? ''
      : (least === undefined || median >= least) && (most === undefined || median <= most)
        ? 'met'
        : 'missed';
  return [figure, shown(values[0]!), shown(median), shown(values[values.length - 1]!), aim, met];
}
