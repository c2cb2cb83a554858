import { commandNames, type Setting, shown } from '../config/setting.ts';
import { allSettings } from '../config/settings.ts';
import { code, generated, markdownTable } from './markdown.ts';

type Entry = (typeof allSettings)[number];

const byGroup = (entries: readonly Entry[]): Map<string, Entry[]> => Map.groupBy(entries, ([, { group }]) => group);
const lasting = allSettings.filter(([, { env }]) => env !== null);
const passing = allSettings.filter(([, { env }]) => env === null);

function defaultText(s: Setting<unknown>): string {
  if (s.default === null) return s.otherwise ?? 'none';
  const own = Object.entries(s.defaults).map(([command, value]) => `${code(shown(s, value))} for ${command}`);
  return [code(shown(s, s.default) || ' '), ...own].join(', ').replace('` `', 'none');
}

const usedBy = (s: Setting<unknown>): string =>
  s.services.length === commandNames.length ? 'all' : s.services.join(', ');

/** `docs/configuration.md` */
export function configurationPage(): string {
  const sections = [...byGroup(lasting)].map(([group, entries]) => {
    const rows = entries.map(([key, s]) => [
      [code(s.env!), ...s.aliases.map((alias) => `or ${code(alias)}`)].join(' '),
      code(s.flag),
      code(key),
      s.about + (s.secret === false ? '' : ' (never printed)'),
      s.type.allowed,
      defaultText(s),
      usedBy(s),
    ]);
    return `## ${group}\n\n${markdownTable(['variable', 'flag', 'key in the file', 'what it does', 'allowed', 'default', 'commands'], rows)}`;
  });
  const flags = passing.map(([, s]) => [code(s.flag), s.about, s.type.allowed, defaultText(s), usedBy(s)]);
  return `${generated}

# Configuration

Use this page to find a setting: its variable, its flag, what it does, and its default.

A setting can be given in three places. The first place that has it counts:

1. a flag, such as \`--tol-volume 2\`; a flag without a value is switched off by \`--no-…\`
2. a variable of the environment, such as \`TOL_VOLUME=2\`; an empty variable counts as not set
3. the configuration file, such as \`{ "tolVolume": 2 }\`: \`pulse.config.json\`, \`.mjs\`, \`.js\` or \`.ts\` (its default export) in the working directory, or the one that \`--config\` (\`PULSE_CONFIG\`) names

If none has it, the default counts. Pulse checks all settings at the start. For each bad value it prints one line with the value, where it came from and what is allowed, and ends with exit code 64. It also refuses an unknown key in the file, and an unknown variable that begins with \`PULSE_\` (\`PULSE_TEST_…\` is for Pulse's own tests). Secrets are never printed.

\`pulse up\` uses an engine by URL where its variable is set, and the embedded one elsewhere. A single service (feed, mirror, bars, enrichment, mcp2) uses URLs only. The other commands use the embedded engines if the data directory holds some and no URL is set.

${sections.join('\n\n')}

## Only on the command line

${markdownTable(['flag', 'what it does', 'allowed', 'default', 'commands'], flags)}
`;
}

/** `.env.example` */
export function envExample(): string {
  const sections = [...byGroup(lasting)].map(([group, entries]) => {
    const lines = entries.map(([, s]) => {
      const value = s.default === null ? '' : s.type.show(s.default);
      return `# ${s.about}\n# (${s.type.allowed}${s.default === null ? `; default: ${s.otherwise}` : ''})\n#${s.env}=${value}`;
    });
    return `# --- ${group} ---\n\n${lines.join('\n\n')}`;
  });
  return `# Settings of Pulse. Made by \`npm run docs\`; see docs/configuration.md. Every line shows the default.\n\n${sections.join('\n\n')}\n`;
}
