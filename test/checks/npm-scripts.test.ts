import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const scripts: Readonly<Record<string, string>> = manifest.scripts;
const INSTALLS = 'node scripts/ensure-installed.mjs';

// npm puts node_modules/.bin, and with it the Node that Pulse brings along, first: once it is installed.
test.each(
  Object.keys(scripts).filter((name) => !name.startsWith('pre')),
)('`npm run %s` works as the first command on a fresh clone', (name) => {
  expect(scripts[`pre${name}`]).toBe(INSTALLS);
});
