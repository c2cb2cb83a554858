// Writes the pages that are made from the source: settings, errors, events, exit codes.
import { writeFile } from 'node:fs/promises';
import { pages } from '../src/app/docs/pages.ts';

for (const [path, text] of Object.entries(pages())) {
  await writeFile(new URL(`../${path}`, import.meta.url), text);
  process.stdout.write(`${path}\n`);
}
