import { commands } from './cli/commands.ts';
import { runProcess } from './process.ts';

await runProcess(commands);
