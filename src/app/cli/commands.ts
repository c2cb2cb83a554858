import { type CommandName, commandNames } from '../config/command-specs.ts';
import { analyzeCommand } from './analyze.ts';
import { barsCommand } from './bars.ts';
import type { Command } from './command.ts';
import { dlqCommand } from './dlq.ts';
import { docsCommand } from './docs.ts';
import { doctorCommand } from './doctor.ts';
import { enrichFileCommand } from './enrich-file.ts';
import { enrichmentCommand } from './enrichment.ts';
import { feedCommand } from './feed.ts';
import { instrumentsCommand } from './instruments.ts';
import { llmCommand } from './llm.ts';
import { mcpCommand } from './mcp.ts';
import { mcp2Command } from './mcp2.ts';
import { mirrorCommand } from './mirror.ts';
import { overseerCommand } from './overseer.ts';
import { parityCommand } from './parity.ts';
import { promoteCommand, rollbackCommand } from './promote.ts';
import { reconcileCommand } from './reconcile.ts';
import { topicsCommand } from './topics.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

/** What carries out each command: exactly one for each name. */
const commandsByName: { readonly [Name in CommandName]: Command<Name> } = {
  up: upCommand,
  verify: verifyCommand,
  feed: feedCommand,
  mirror: mirrorCommand,
  bars: barsCommand,
  enrichment: enrichmentCommand,
  mcp2: mcp2Command,
  overseer: overseerCommand,
  reconcile: reconcileCommand,
  parity: parityCommand,
  promote: promoteCommand,
  rollback: rollbackCommand,
  'enrich-file': enrichFileCommand,
  analyze: analyzeCommand,
  docs: docsCommand,
  llm: llmCommand,
  mcp: mcpCommand,
  doctor: doctorCommand,
  dlq: dlqCommand,
  topics: topicsCommand,
  instruments: instrumentsCommand,
};

/** Every command, in the order of the help. */
export const commands: readonly Command[] = commandNames.map((name) => commandsByName[name]);
