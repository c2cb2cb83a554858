import { parseArgs } from 'node:util';
import type { Tally } from './batch.ts';
import { canaries } from './canaries.ts';
import { type Fault, faultKinds } from './fault-kinds.ts';
import type { Complaint } from './oracle/evidence.ts';
import { runSeed } from './run.ts';
import { shrink } from './shrink.ts';
import { runThreads } from './threads.ts';

const HELP = `Runs the paths from publisher to bars over engines in memory, with faults from a seed, and judges each run.

  npm run simulate                          1,000 seeds
  npm run simulate -- --seeds 100000        a night
  npm run simulate -- --seed 4711           one seed: what happened, what was wrong, the fewest faults that do it
  npm run simulate -- --from 5000           begins with another seed
  npm run simulate -- --canary <name>       lets a known fault in; none: lists them
  npm run simulate -- --threads 4           default 2
  npm run simulate -- --trace               with --seed: every completion as well`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    threads: { type: 'string', default: '2' },
    canary: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

/** How many failures are shrunk: each takes tens of runs. */
const SHRUNK = 5;
const SHOWN = 3;

if (values.help) console.log(HELP);
else if (values.canary !== undefined && canaries[values.canary] === undefined)
  for (const [name, { about }] of Object.entries(canaries)) console.log(`${name}: ${about}`);
else if (values.seed !== undefined) await one(Number(values.seed));
else await many(Number(values.from), Number(values.seeds), Number(values.threads));

async function one(seed: number): Promise<void> {
  const wiring = values.canary === undefined ? {} : canaries[values.canary]!.wiring;
  const outcome = await runSeed(seed, {
    wiring,
    ...(values.trace && { onRelease: (at, label) => console.log(`${(at / 1000).toFixed(4).padStart(9)}   ${label}`) }),
  });
  for (const event of outcome.events) console.log(event);
  console.log(`\nseed ${seed}: ${outcome.ticks} ticks, ${outcome.released} completions, trace ${outcome.trace}`);
  if (outcome.complaints.length === 0) return console.log('nothing to complain about');
  tell(outcome.complaints);
  const least = await shrink(outcome, { wiring });
  console.log('\nthe fewest faults found with which it still fails:');
  tellFaults(least.faults);
  console.log('\nand then:');
  tell(least.complaints);
  process.exitCode = 1;
}

async function many(from: number, count: number, threads: number): Promise<void> {
  const canary = values.canary ?? null;
  const wiring = canary === null ? {} : canaries[canary]!.wiring;
  const begun = performance.now();
  let toldAt = begun;
  let failed = 0;
  const sum = await runThreads({ from, count, canary, untilFirst: false }, threads, (tally) => {
    for (const { seed, complaints } of tally.failed.slice(failed))
      console.log(`seed ${seed}: ${complaints[0]!.kind}: ${complaints[0]!.text}`);
    failed = tally.failed.length;
    if (performance.now() - toldAt < 10_000) return;
    toldAt = performance.now();
    console.log(`${tally.seeds} of ${count} seeds, ${failed} failed`);
  });
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `${sum.seeds} seeds in ${seconds.toFixed(1)} s: ${sum.ticks} ticks, ${sum.released} completions, ${sum.failed.length} seeds failed`,
  );
  for (const kind of faultKinds) console.log(`  ${String(sum.fired.get(kind) ?? 0).padStart(8)}  ${kind}`);
  const unfired = faultKinds.filter((kind) => !sum.fired.has(kind));
  if (unfired.length > 0) console.log(`never happened: ${unfired.join(', ')}`);
  tellKinds(sum);
  for (const { seed, complaints } of sum.failed.slice(0, SHRUNK)) {
    console.log(`\nnpm run simulate -- --seed ${seed}${canary === null ? '' : ` --canary ${canary}`}`);
    tell(complaints.slice(0, SHOWN));
    tellFaults((await shrink(await runSeed(seed, { wiring }), { wiring })).faults);
  }
  if (unfired.length > 0 || sum.failed.length > 0) process.exitCode = 1;
}

function tellKinds({ failed }: Tally): void {
  const kinds = Map.groupBy(
    failed.flatMap(({ seed, complaints }) =>
      [...new Set(complaints.map(({ kind }) => kind))].map((kind) => ({ seed, kind })),
    ),
    ({ kind }) => kind,
  );
  for (const [kind, seeds] of kinds)
    console.log(
      `${kind}: ${seeds.length} seeds, such as ${seeds
        .slice(0, 12)
        .map(({ seed }) => seed)
        .join(' ')}`,
    );
}

function tell(complaints: readonly Complaint[]): void {
  for (const { kind, text } of complaints) console.log(`  ${kind}: ${text}`);
}

function tellFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) console.log('    no fault at all');
  for (const { kind, at, lasts, to, size } of faults)
    console.log(`    at ${(at / 1000).toFixed(3)} s: ${kind}, to ${to}, for ${lasts} ms, size ${size}`);
}
