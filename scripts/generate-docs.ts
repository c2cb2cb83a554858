// Writes the pages that are made from the source: settings, errors, events, exit codes. With --check: tells which are stale.
import { readFile, writeFile } from 'node:fs/promises';
import { pages } from '../src/app/docs/pages.ts';

const check = process.argv.includes('--check');
for (const [path, text] of Object.entries(pages())) {
  const file = new URL(`../${path}`, import.meta.url);
  if (!check) {
    await writeFile(file, text);
    process.stdout.write(`${path}\n`);
  } else if ((await readFile(file, 'utf8').catch(() => null)) !== text) {
    process.stderr.write(`${path} is not what the source says: run \`npm run docs\`\n`);
    process.exitCode = 1;
  }
}
