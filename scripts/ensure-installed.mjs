// Installs the packages of the lock file where they are missing or older than it. Plain JavaScript: it runs before
// Pulse's own Node is there.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const timeOf = (path) => statSync(root + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes this file at the end of an installation.
const installed = timeOf('node_modules/.package-lock.json');
if (installed < timeOf('package-lock.json') || timeOf('node_modules/node/bin') === 0) {
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
