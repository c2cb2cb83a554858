import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The embedded engines that the demo writes to. */
const ENGINES = ['log', 'streams', 'keys', 'database'];
/** Spools that `pulse up` shares with the single services: `pulse mirror` in the same folder may keep ticks there that no log has yet. */
const SPOOLS = ['mirror-spool', 'bars-spool-stream-bar', 'bars-spool-stream-bar-noise'];
/** Spools of the demo alone. */
const DEMO_SPOOLS = 'demo-spools';
/** There from before the demo begins until all of it is recorded: a start that finds it knows that the demo was cut off. */
const DEMO_MARK = 'pulse.demo-unfinished';

/** Where the demo keeps its spools: what it leaves when it is cut off can be deleted without a look at whose it is. */
export const demoSpools = (dataDir: string): string => join(dataDir, DEMO_SPOOLS);

/** Whether no embedded engine has anything here: the demo may be played, and what it leaves is its own. */
export const isFirstStart = (dataDir: string): boolean => !ENGINES.some((name) => existsSync(join(dataDir, name)));

/** Whether a demo was begun and not finished: what it left would be taken for sessions that were traded. */
export const demoWasCutOff = (dataDir: string): boolean => existsSync(join(dataDir, DEMO_MARK));

/** Deletes what a demo that was cut off has left, and nothing else. The mark goes last: cut off in the middle, the next start does it again. */
export const wipeDemo = (dataDir: string): Promise<void> => remove(dataDir, [...ENGINES, DEMO_SPOOLS, DEMO_MARK]);

/** Deletes all that `pulse up` made, as `--reset` asks. */
export const wipe = (dataDir: string): Promise<void> =>
  remove(dataDir, [...ENGINES, ...SPOOLS, DEMO_SPOOLS, DEMO_MARK]);

/** To be called before anything of the demo is written. */
export const demoBegins = (dataDir: string): Promise<void> =>
  writeFile(
    join(dataDir, DEMO_MARK),
    'The demo of the first start was not played to its end; `pulse up` plays it again.\n',
    {
      flush: true,
    },
  );

export const demoEnds = (dataDir: string): Promise<void> => remove(dataDir, [DEMO_SPOOLS, DEMO_MARK]);

async function remove(dataDir: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(dataDir, name), { recursive: true, force: true });
}
