import type { CommandName, Setting, ValueOf } from './setting.ts';
import { barSettings } from './settings/bars.ts';
import { documentSettings } from './settings/documents.ts';
import { embedderSettings } from './settings/embedder.ts';
import { engineSettings } from './settings/engines.ts';
import { enrichmentSettings } from './settings/enrichment.ts';
import { feedSettings } from './settings/feed.ts';
import { guidanceSettings } from './settings/guidance.ts';
import { mcp2Settings } from './settings/mcp2.ts';
import { modelSettings } from './settings/models.ts';
import { paritySettings } from './settings/parity.ts';
import { processSettings } from './settings/process.ts';
import { tapeSettings } from './settings/tape.ts';
import { toolSettings } from './settings/tools.ts';
import { tradeSettings } from './settings/trades.ts';

/** Everything that can be configured. The keys are those of `pulse.config.json`. */
const settings = {
  ...toolSettings,
  ...feedSettings,
  ...tapeSettings,
  ...barSettings,
  ...paritySettings,
  ...enrichmentSettings,
  ...tradeSettings,
  ...documentSettings,
  ...embedderSettings,
  ...guidanceSettings,
  ...mcp2Settings,
  ...modelSettings,
  ...engineSettings,
  ...processSettings,
};

export type SettingKey = keyof typeof settings;
export type Values = { readonly [K in SettingKey]: ValueOf<(typeof settings)[K]> };

/** The settings with their types put aside, in the order of their declaration. */
export const allSettings: readonly (readonly [SettingKey, Setting<unknown>])[] = Object.entries(
  settings,
) as unknown as [SettingKey, Setting<unknown>][];

/** Those that a command reads. */
export const settingsFor = (command: CommandName): readonly (readonly [SettingKey, Setting<unknown>])[] =>
  allSettings.filter(([, { services }]) => services.includes(command));
