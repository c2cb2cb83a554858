import { commands } from './cli/commands.ts';
import { runProcess } from './host/process.ts';

await runProcess(commands);
