import type { AskModel } from '../../src/services/desk/guidance/ask-model.ts';

/** Where no model is configured. */
export const noModels: AskModel = {
  names: [],
  identity: () => null,
  ask: async () => ({ outcome: 'none', fallbacks: [] }),
  models: async () => [],
};
