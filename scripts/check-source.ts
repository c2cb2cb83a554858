import { checkAmbient } from './checks/ambient.ts';
import { checkDeadCode } from './checks/dead-code.ts';
import { checkEvents } from './checks/events.ts';
import { checkImports } from './checks/import-rules.ts';
import { checkPromises } from './checks/promises.ts';
import { printViolations, readSources } from './checks/source.ts';
import { checkSql } from './checks/sql.ts';

/** Import rules, dead code, and the bans on ambient time and chance, on values within SQL, on events that say too much, and on promises that nobody awaits. */
const sources = readSources(process.cwd(), ['src', 'test', 'bench', 'scripts']);
if (!sources.some(({ path }) => path === 'src/app/main.ts')) throw new Error('run this in the root of the project');
printViolations(
  [
    ...checkImports(sources),
    ...checkDeadCode(sources),
    ...checkAmbient(sources),
    ...checkSql(sources),
    ...checkEvents(sources),
    ...checkPromises(process.cwd()),
  ],
  `${sources.length} files`,
);
