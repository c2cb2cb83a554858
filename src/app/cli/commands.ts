import type { Command } from './command.ts';
import { dlqCommand } from './dlq.ts';
import { doctorCommand } from './doctor.ts';
import { feedCommand } from './feed.ts';
import { overseerCommand } from './overseer.ts';
import { topicsCommand } from './topics.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [feedCommand, overseerCommand, doctorCommand, dlqCommand, topicsCommand];
