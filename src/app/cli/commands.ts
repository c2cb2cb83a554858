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

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  upCommand,
  verifyCommand,
  feedCommand,
  mirrorCommand,
  barsCommand,
  reconcileCommand,
  parityCommand,
  promoteCommand,
  rollbackCommand,
  enrichmentCommand,
  enrichFileCommand,
  analyzeCommand,
  mcp2Command,
  docsCommand,
  llmCommand,
  mcpCommand,
  overseerCommand,
  doctorCommand,
  dlqCommand,
  topicsCommand,
  instrumentsCommand,
];
