import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { failOver, failOverTable } from './failover.ts';
import { play } from './play.ts';
import { scenarioOf, sketch } from './scenario.ts';
import { tapesOf } from './tapes.ts';
import { judge, summary, type Verdict } from './verdict.ts';

/*
 * The judge on real engines: `npm run judge -- --runs 30 --seed 1`, docs/judge.md. `--failover` takes the holder of a pair away again and
 * again instead, at `--rate` ticks a second.
 * Exits with 1 when a run has a fault.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    failover: { type: 'boolean', default: false },
    'fail-overs': { type: 'string', default: '20' },
    within: { type: 'string', default: '1200' },
    rate: { type: 'string', default: '20000' },
    'most-rate': { type: 'string', default: '20000' },
    out: { type: 'string', default: join(tmpdir(), 'pulse-judge') },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

if (values.failover) {
  const run = await failOver(
    {
      count: Number(values['fail-overs']),
      perSecond: Number(values.rate),
      seed: Number(values.seed),
      limitMs: Number(values.within) * 1_000,
    },
    say,
  );
  const { faults, figures } = judge(run.evidence);
  mkdirSync(values.out, { recursive: true });
  const { gaps: texts, happenings, ends } = run.evidence;
  const gaps = texts.map((text) => JSON.parse(text));
  const seen = { each: run.each, faults, figures, happenings, ends, gaps, printed: run.printed };
  writeFileSync(join(values.out, 'fail-over.json'), JSON.stringify(seen, null, 1));
  for (const line of summary(faults)) say(`FAULT ${line}`);
  const { published, inKafka, inGaps, lost, doubled } = figures;
  say(`\n${failOverTable(run.each)}\n`);
  say(
    `published ${published}, in Kafka ${inKafka}, in gaps ${inGaps}, lost ${lost}, doubled ${doubled} for readers that follow the epoch (left out by it: ${run.rawDoubles})`,
  );
  process.exit(
    faults.length > 0 || inGaps > 0 || run.each.some(({ tookMs }) => tookMs === null || tookMs > 5_000) ? 1 : 0,
  );
}

mkdirSync(values.out, { recursive: true });
const first = Number(values.seed);
const rows: string[] = [];
let faulty = 0;
for (let seed = first; seed < first + Number(values.runs); seed += 1) {
  const made = scenarioOf(seed);
  const scenario = { ...made, perSecond: Math.min(made.perSecond, Number(values['most-rate'])) };
  say(`seed ${seed}: ${sketch(scenario)}`);
  try {
    const evidence = await play(scenario, (line) => say(`  ${line}`));
    const verdict = judge(evidence);
    for (const line of summary(verdict.faults)) say(`  FAULT ${line}`);
    if (verdict.faults.length > 0) faulty += 1;
    rows.push(row(seed, verdict));
    const { gaps, happenings, ends, askedEnds } = evidence;
    const tapes = tapesOf(evidence, verdict);
    const kept = { scenario, verdict, happenings, ends, askedEnds, gaps: gaps.map((text) => JSON.parse(text)), tapes };
    writeFileSync(join(values.out, `seed-${seed}.json`), JSON.stringify(kept, null, 1));
  } catch (error) {
    faulty += 1;
    say(`  the run itself failed: ${(error as Error).stack}`);
    rows.push(`| ${seed} | run failed |`);
  }
  say(`  ${rows.at(-1)}`);
}
say(`\n${head()}\n${rows.join('\n')}`);
process.exit(faulty > 0 ? 1 : 0);

function head(): string {
  const names =
    'seed, faults, published, in Kafka, in gaps, rejected, unsure, lost, doubled, left out by epoch, bars compared, differences, gaps open, of them whole, closed'.split(
      ', ',
    );
  return `| ${names.join(' | ')} |\n|${' ---: |'.repeat(names.length)}`;
}

function row(seed: number, { faults, figures: f }: Verdict): string {
  const cells = [
    seed,
    faults.length,
    f.published,
    f.inKafka,
    f.inGaps,
    f.rejected,
    f.unsure,
    f.lost,
    f.doubled,
    f.leftOut,
    f.bars,
    f.differences,
    f.openGaps,
    f.openWhole,
    f.closedGaps,
  ];
  return `| ${cells.join(' | ')} |`;
}
