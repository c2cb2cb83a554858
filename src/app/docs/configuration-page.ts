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

Every setting can be given in three places. The first that has it counts:

1. a flag, such as \`--tol-volume 2\`; a flag that stands alone is switched off by \`--no-…\`
2. a variable of the environment, such as \`TOL_VOLUME=2\`; an empty one counts as not set
3. the configuration file, such as \`{ "tolVolume": 2 }\`: \`pulse.config.json\`, \`.mjs\`, \`.js\` or \`.ts\` (its default export) in the working directory, or the one that \`--config\` (\`PULSE_CONFIG\`) names

Then comes the default. Everything is checked at the start: one line for each bad value names it, where it came from and what is allowed, and the exit code is 64. A key of the file, or a variable that begins with \`PULSE_\`, that is no setting is refused too (\`PULSE_TEST_…\` is for Pulse's own tests). Secrets are never printed.

\`pulse up\` uses an engine by URL where its variable is set, and the embedded one elsewhere. A single service (feed, mirror, bars) goes by URL alone. The other commands use the embedded engines where the data directory holds some and no URL is set.

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
