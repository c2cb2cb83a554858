import { type AskModel, noModels } from '../services/mcp2/guidance/ask-model.ts';
import type { Spending } from '../services/mcp2/guidance/spending.ts';
import type { Runtime } from './runtime.ts';

export const makeModels = (_runtime: Runtime, _spending: Spending): AskModel => noModels;
