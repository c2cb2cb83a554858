import { mkdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { claimFile } from '../../src/adapters/claim-file.ts';
import { ownMark } from '../../src/adapters/running-process.ts';

/* Claims a file and lets it go, over and over for a time. Prints how often it had it, and how often another had it meanwhile. */

const [file, ms] = process.argv.slice(2) as [string, string];
const end = performance.now() + Number(ms);
let had = 0;
let shared = 0;
while (performance.now() < end) {
  if (claimFile(file, ownMark()) !== null) continue;
  had += 1;
  try {
    mkdirSync(`${file}.inside`);
    rmdirSync(`${file}.inside`);
  } catch {
    shared += 1;
  }
  try {
    unlinkSync(file);
  } catch {
    shared += 1;
  }
}
process.stdout.write(JSON.stringify({ had, shared }));
