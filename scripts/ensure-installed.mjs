// Installs the packages of the lock file where they are missing or older than it. Plain JavaScript: it runs before
// Pulse's own Node is there.
import { spawnSync } from 'node:child_process';
import { lstatSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const timeOf = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes this file at the end of an installation.
const installed = timeOf('node_modules/.package-lock.json');
const missing = installed < timeOf('package-lock.json') || timeOf('node_modules/node/bin') === 0;
// `npm ci` empties the folder that it installs to: one that is shared by a link would be lost to everyone else who uses it.
const shared = lstatSync(`${root}node_modules`, { throwIfNoEntry: false })?.isSymbolicLink() === true;
if (missing && shared)
  console.error(
    'node_modules is a link, and older than package-lock.json: run `npm ci` where it leads, if something is missing',
  );
else if (missing) {
  console.error('Installing packages from package-lock.json (once; about half a minute) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('pulse: the packages could not be installed; see above, and run `npm ci` to try again');
    process.exit(1);
  }
}
