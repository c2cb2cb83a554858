import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `pulse up` makes in its data directory. */
const FOLDERS = [
  'log',
  'streams',
  'keys',
  'database',
  'mirror-spool',
  'bars-spool-stream-bar',
  'bars-spool-stream-bar-noise',
];
/** There from before the demo begins until all of it is recorded: a start that finds it knows that the demo was cut off. */
const DEMO_MARK = 'pulse.demo-unfinished';

/** Whether no `pulse up` has run here before. */
export const isFirstStart = (dataDir: string): boolean => !existsSync(join(dataDir, 'log'));

/** Whether a demo was begun and not finished: what it left would be taken for sessions that were traded. */
export const demoWasCutOff = (dataDir: string): boolean => existsSync(join(dataDir, DEMO_MARK));

/** Deletes what Pulse made, and nothing else. The mark goes last: cut off in the middle, the next start does it again. */
export async function wipe(dataDir: string): Promise<void> {
  for (const name of [...FOLDERS, DEMO_MARK]) await rm(join(dataDir, name), { recursive: true, force: true });
}

/** To be called before anything of the demo is written. */
export const demoBegins = (dataDir: string): Promise<void> =>
  writeFile(
    join(dataDir, DEMO_MARK),
    'The demo of the first start was not played to its end; `pulse up` plays it again.\n',
    {
      flush: true,
    },
  );

export const demoEnds = (dataDir: string): Promise<void> => rm(join(dataDir, DEMO_MARK), { force: true });
