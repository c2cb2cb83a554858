import { parseArgs } from 'node:util';
import { runSeed } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
  },
});
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const begun = Date.now();
const kinds = new Map<string, number>();
const counts = new Map<string, number>();
let ticks = 0, released = 0;
for (let seed = from; seed < from + count; seed += 1) {
  const outcome = await runSeed(seed);
  ticks += outcome.ticks; released += outcome.released;
  for (const [k, n] of outcome.fired) kinds.set(k, (kinds.get(k) ?? 0) + n);
  for (const kind of new Set(outcome.complaints.map((c) => c.kind))) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (values.seed !== undefined) { for (const e of outcome.events) console.log(e); console.log(outcome.faults, outcome.trace); }
  if (outcome.complaints.length > 0) {
    console.log(`seed ${seed}`);
    for (const { kind, text } of outcome.complaints.slice(0, values.seed !== undefined ? 1000 : 3)) console.log(`   ${kind}: ${text}`);
  }
}
console.log(Date.now() - begun, 'ms', ticks, released, kinds, counts);
